"""Claims on results: one run computes a missing result; others that need it wait for a bounded time.

A claim is ``calculs:verrous:<sha256>`` holding a random token (SET NX PX). Its owner renews it while it
computes and removes it when the value is stored; an owner that dies loses it within ``CLAIM_MS``. A claim
decides who computes, never what is stored, so a lost or doubled claim costs a second computation and nothing
else.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Callable, Optional, Protocol

from .codec import Value
from .link import Link

PREFIX = "calculs:verrous"
CLAIM_MS = 15_000
RENEW_EVERY = 2.0
LOOK_EVERY = 1.0  # seconds between two looks whether an owner still renews its claim
# What is left of a claim, in milliseconds, while its owner lives. Less: it died, or the server did in
# between. More: it is no claim, but what someone else wrote there.
ALIVE_MS = (CLAIM_MS - int(2500 * RENEW_EVERY), CLAIM_MS + 1000)
LONGEST_WAIT = 120.0
FIRST_PAUSE = 0.02
LONGEST_PAUSE = 0.25


class ClaimedResults(Protocol):
    """Where results appear when others have computed them."""

    def read(self, digests: Sequence[bytes]) -> Sequence[Optional[Value]]:
        """The results with these digests, None for what is not there or does not check out."""


class Claims:
    """The claims that one run holds on results of ``store``."""

    def __init__(self, link: Link, store: ClaimedResults):
        self._link = link
        self._store = store
        self.seconds = 0.0  # that claiming took
        self._token = os.urandom(16)
        self._held: dict[bytes, float] = {}  # digest -> until when (monotonic) it is surely ours
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._renewer: Optional[threading.Thread] = None

    def take(self, digests: Sequence[bytes]) -> tuple[list[bytes], list[bytes]]:
        """Claim results. Returns (those to compute here, those that others are computing). Where the server
        does not answer, all are to be computed here."""
        if not digests or not self._link.up:
            return list(digests), []
        started = time.perf_counter()
        until = time.monotonic() + CLAIM_MS / 1000.0
        answers = self._link.claim([self._claim_key(d) for d in digests], self._token, CLAIM_MS)
        ours = [digest for digest, mine in zip(digests, answers) if mine is not False]
        with self._lock:
            self._held.update((digest, until) for digest, mine in zip(digests, answers) if mine)
            if self._renewer is None and self._held:
                self._renewer = threading.Thread(target=self._renew, name="redis-geo-claims", daemon=True)
                self._renewer.start()
        self.seconds += time.perf_counter() - started
        return ours, [digest for digest, mine in zip(digests, answers) if mine is False]

    def release(self, digests: Sequence[bytes]) -> None:
        """Release the claims that surely have not expired yet; the others expire by themselves."""
        now = time.monotonic()
        with self._lock:
            ours = [digest for digest in digests if self._held.pop(digest, 0.0) > now]
        if ours and self._link.up:
            self._link.unlink([self._claim_key(digest) for digest in ours])

    def rounds(
        self, digests: Sequence[bytes], while_waiting: Callable[[], None]
    ) -> Iterator[list[tuple[bytes, Optional[bytes]]]]:
        """Yield lists of (digest, WKB) as others store results. (digest, None) is to be computed here now.

        ``while_waiting`` is called at short intervals and may raise to stop waiting.
        """
        left = list(digests)
        deadline = time.monotonic() + LONGEST_WAIT
        next_look = time.monotonic() + LOOK_EVERY
        pause = FIRST_PAUSE
        while left:
            while_waiting()
            time.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)
            ready = self._finished(left)
            if ready:
                yield list(ready.items())
            left = [digest for digest in left if digest not in ready]
            if not self._link.up or time.monotonic() > deadline:
                yield [(digest, None) for digest in left]
                return
            if left and time.monotonic() > next_look:
                next_look = time.monotonic() + LOOK_EVERY
                dead = self._abandoned(left)
                if dead:
                    yield [(digest, None) for digest in left if digest in dead]
                    left = [digest for digest in left if digest not in dead]
                    continue
            ours, left = self.take(left)
            if ours:  # its owner may have stored it between our look and our claim
                ready = self._finished(ours)
                self.release(list(ready))
                yield [(digest, ready.get(digest)) for digest in ours]

    def close(self) -> None:
        """Stop renewing and release all claims."""
        self._closed.set()
        self.release(list(self._held))
        if self._renewer is not None:
            self._renewer.join(1.0)

    def _finished(self, digests: Sequence[bytes]) -> dict[bytes, bytes]:
        found = zip(digests, self._store.read(digests))
        return {digest: value.wkb for digest, value in found if value is not None}

    def _abandoned(self, digests: Sequence[bytes]) -> set[bytes]:
        """Those whose claims nobody renews any more. One that is gone is taken in the ordinary way."""
        lifetimes = self._link.lifetimes([self._claim_key(digest) for digest in digests])
        least, most = ALIVE_MS
        return {
            d for d, ms in zip(digests, lifetimes) if ms is not None and ms != -2 and not least <= ms <= most
        }

    def _renew(self) -> None:
        while not self._closed.wait(RENEW_EVERY):
            now = time.monotonic()
            with self._lock:
                held = [digest for digest, until in self._held.items() if until > now]
            if not held:
                continue

            renewed = self._link.renew([self._claim_key(digest) for digest in held], CLAIM_MS)
            with self._lock:
                for digest, taken in zip(held, renewed):
                    if taken and digest in self._held:
                        self._held[digest] = now + CLAIM_MS / 1000.0

    def _claim_key(self, digest: bytes) -> bytes:
        assert self._link.server is not None
        return self._link.server.key(f"{PREFIX}:{digest.hex()}")
