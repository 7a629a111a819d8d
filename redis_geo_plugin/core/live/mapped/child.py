"""The process that reads a large fleet: ``Feed`` runs here, by the rules of every feed, and what it has is
kept as pictures in a folder.

What it is told comes line by line over its standard input, the connection's secret too; what it tells goes
over its standard output. When its input ends, its parent has gone: it removes the folder and ends.
"""

from __future__ import annotations

import os
import queue
import shutil
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Optional

from ...json_types import JsonObject
from ..feed import Feed
from ..spec import FeedSpec, from_json
from . import folder as folders
from . import picture
from .lines import WindowTalk, connection_of, status_words
from .table import Applied, Table, TooWide

STATUS_EVERY = 0.5  # seconds
SHORTEST = 0.2  # of the interval, between two pictures
MOST_WRITING = 0.2  # of the time is for writing them
MANY = 20_000  # vehicles: of so many it is taken up what was read, lest reading waits for that
KEPT = 2  # pictures before the one that is read: a reader may just be opening them
BROKEN = 2  # exit codes: something failed that should not,
UNUSABLE = 3  # the table cannot hold this fleet,
FULL = 4  # there is no room
LISTENED = 5.0  # seconds that the listening thread may take to end this process


class Work:
    """Feeds pictures from a ``Feed`` until it is told to end."""

    def __init__(self, talk: WindowTalk, setup: JsonObject):
        self._talk = talk
        self._folder = Path(setup["folder"])
        self._held = folders.hold(self._folder)
        folders.sweep(self._folder.parent)
        self._spec = from_json(setup["spec"])
        self._settings = connection_of(setup["connection"])
        self._table = Table(self._spec.name, self._spec.trail_gap)
        self._number = int(setup["number"])
        self._told = self._number  # the last picture that the parent was told of
        self._taken = self._number  # the last one that it has taken over
        self._feed: Optional[Feed] = None
        self._read_whole = False  # everything was read once
        self._unsure = False  # rows of an earlier process, of vehicles that may have gone meanwhile
        self._pending: list[Applied] = []
        self._since = self._at = 0.0
        self._next_picture = self._next_status = 0.0
        self._refused = 0
        if self._number:
            self._adopt()
        self.start()

    def _adopt(self) -> None:
        """Go on with the rows of the process before this one, so that each vehicle keeps its own."""
        try:
            picture.adopt(self._folder, self._number, self._table)
            self._table.rename(self._spec.name)
            self._unsure = True
        except (OSError, ValueError):
            self._table = Table(self._spec.name, self._spec.trail_gap)

    def remove(self) -> None:
        """Remove the pictures, as the parent does: either may be ended before it has."""
        self._held.close()
        _remove(str(self._folder))

    # --- what it is told ------------------------------------------------------------------------------------

    def hear(self, said: JsonObject) -> bool:
        """Do what the parent says. Returns whether it goes on."""
        kind, feed = said["t"], self._feed
        if kind == "start":
            self.start()
        elif kind == "stop":
            self.stop()
            self._talk.say({"t": "stopped"})
        elif kind == "spec":
            self._follow(from_json(said["spec"]))
        elif kind == "connection":
            self._settings = connection_of(said["connection"])
        elif kind == "taken":
            self._taken = max(self._taken, int(said["number"]))
        if feed is not None:
            self._pass_on(feed, said)
        return bool(kind != "end")

    def _pass_on(self, feed: Feed, said: JsonObject) -> None:
        kind = said["t"]
        if kind == "taken":
            feed.lead = float(said["lead"])
        elif kind == "connection":
            feed.reconnect(self._settings)
        elif kind == "pause":
            feed.pause()
        elif kind == "resume":
            feed.resume()

    def start(self) -> None:
        """Read from now on."""
        if self._feed is None:
            self._feed = Feed(_quiet(self._spec), self._settings)
            self._unsure = self._unsure or len(self._table) > 0
            self._feed.start()

    def stop(self, wait: float = 1.0) -> None:
        """Read no more; the pictures stay."""
        feed, self._feed = self._feed, None
        if feed is not None:
            feed.stop(wait)

    def _follow(self, spec: FeedSpec) -> None:
        if spec.name != self._spec.name:
            self._table.rename(spec.name)
            self._pending.append(Applied(len(self._table), [], [], []))
        self._spec, self._table.gap = spec, spec.trail_gap
        if self._feed is not None:
            self._feed.set_spec(_quiet(spec))

    # --- what it does ---------------------------------------------------------------------------------------

    def step(self) -> None:
        """Take over what was read, and make a picture of it where one is due."""
        now, feed = time.monotonic(), self._feed
        due = now >= self._next_picture and self._taken >= self._told
        if feed is not None:
            if due or feed.waiting >= MANY:
                self._take(feed)
            if now >= self._next_status:
                self._next_status = now + STATUS_EVERY
                self._tell_status(feed)
        if self._pending and due:
            self._publish(now)
            took = time.monotonic() - now
            self._next_picture = now + max(self._spec.interval * SHORTEST, took / MOST_WRITING)

    def _take(self, feed: Feed) -> None:
        if not self._read_whole and feed.status().full_reads:
            self._read_whole = True
            self._pending.append(Applied(0, [], [], []))  # a picture that is said to be whole
        if self._unsure and feed.status().full_reads and not self._spec.keep_gone:
            self._unsure = False
            known = feed.positions.latest
            gone = [ident for ident in self._table.idents if ident not in known]
            self._note(self._table.apply(known.at([]), gone, {}))
        if feed.has_news:
            difference = feed.take()
            if difference.changed and not self._at:
                self._at = float(difference.changed.receipt[0])
                self._since = difference.since
            self._note(self._table.apply(difference.changed, difference.gone, difference.kinds))

    def _note(self, applied: Applied) -> None:
        if applied.written or applied.gone:
            self._pending.append(applied)

    def _publish(self, now: float) -> None:
        number = self._number + 1
        picture.write(self._folder, number, self._table)
        done, self._pending = self._pending, []
        self._number = self._told = number
        picture.remove(self._folder, number - 1 - KEPT)
        self._talk.say(
            {
                "t": "picture",
                "number": number,
                "count": len(self._table),
                "columns": [[column.name, column.kind] for column in self._table.columns],
                "whole": self._read_whole,
                "cut": self._table.cut,
                "written": sum(one.written for one in done),
                "changed": done[-1].changed,
                "came": done[-1].came,
                "gone": [row for one in done for row in one.gone],
                "at": self._at,
                "ago": now - self._since if self._since else 0.0,
            }
        )
        self._table.shown()
        self._at = self._since = 0.0
        if self._feed is not None:
            self._tell_status(self._feed)

    def _tell_status(self, feed: Feed) -> None:
        total = sum(feed.positions.refused.values())
        newest = min(total - self._refused, 100)
        self._refused = total
        refusals = list(feed.positions.last_refused)[-newest:] if newest > 0 else []
        self._talk.say({"t": "status", **status_words(feed.status(), refusals, dict(feed.schema.kinds))})


def _quiet(spec: FeedSpec) -> FeedSpec:
    """What is read here has no trails: they would be kept for nobody."""
    return spec.changed(trail_minutes=0.0, trail_points=2)


def main() -> int:
    """Run until the parent ends it, or ends itself."""
    for name in ("SIGINT", "SIGBREAK"):  # Ctrl+C in a terminal is for the parent
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    talk = WindowTalk()
    setup = talk.hear()
    if setup is None:
        return 0
    inbox: queue.Queue[JsonObject] = queue.Queue()
    work = Work(talk, setup)
    listening = threading.Thread(target=_listen, args=(talk, inbox, setup["folder"]), daemon=True)
    listening.start()
    talk.say({"t": "ready"})
    return _run(work, talk, inbox)


def _run(work: Work, talk: WindowTalk, inbox: queue.Queue[JsonObject]) -> int:
    try:
        while True:
            said: Any = None
            try:
                said = inbox.get(timeout=0.02)
            except queue.Empty:
                pass
            if said is not None and not work.hear(said):
                work.stop(0.3)
                work.remove()
                return 0
            work.step()
    except BrokenPipeError:  # the parent has died, which the listening thread sees too
        time.sleep(LISTENED)
        return 0
    except TooWide as error:
        talk.say({"t": "unusable", "words": str(error)})
        return UNUSABLE
    except OSError as error:
        talk.say({"t": "full", "words": error.strerror or str(error)})
        return FULL
    except Exception as error:
        talk.say({"t": "broken", "words": f"{type(error).__name__}: {error}"})
        return BROKEN
    finally:
        work.stop(0.3)


def _remove(folder: str) -> None:
    with suppress(OSError):  # under another name, a picture that is just being made cannot follow
        os.rename(folder, folder + ".gone")
    shutil.rmtree(folder + ".gone", ignore_errors=True)


def _listen(talk: WindowTalk, inbox: queue.Queue[JsonObject], folder: str) -> None:
    while True:
        said = talk.hear()
        if said is None:  # the parent has died: nobody reads the pictures any more
            _remove(folder)
            os._exit(0)
        inbox.put(said)


if __name__ == "__main__":
    sys.exit(main())
