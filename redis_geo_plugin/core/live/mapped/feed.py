"""A feed whose positions a process of its own reads: the thread that hears it, and what the window asks."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Callable, Optional

from ...json_types import JsonObject
from ...redis.failures import Failure, FailureKind, StoreError
from ...redis.settings import ConnectionSettings
from ..feed_thread import STOP_TIMEOUT, FeedThread
from ..fences import Event, Fences
from ..fleet import Fixes
from ..records import Schema
from ..spec import FeedSpec
from ..status import FeedState, Status
from ..trails import Trails
from .child import FULL, UNUSABLE
from .fleet import MappedPositions
from .folder import Folder
from .lines import connection_words, refusals_of, status_of
from .process import ReadingProcess

MOST_DEATHS = 3  # in a row, without a picture in between
GONE_KEPT = 100_000  # rows whose vehicles left, until the window hears of them


@dataclass(frozen=True)
class Picture:
    """What the reading process says of a picture: see ``child.Work``."""

    number: int = 0
    count: int = 0
    columns: tuple[tuple[str, str], ...] = ()
    whole: bool = False  # everything was read by then
    cut: bool = False
    written: int = 0
    changed: Sequence[int] = ()
    came: Sequence[int] = ()
    gone: Sequence[int] = ()
    at: float = 0.0
    since: Optional[float] = None


@dataclass
class Mapped:
    """What outlives a stop of the feed: the folder with the pictures, and the process that looks after them.

    ``python`` finds the program to run, in a thread.
    """

    folder: Folder
    python: Callable[[], Optional[Path]]
    picture: Picture = field(default_factory=Picture)
    process: Optional[ReadingProcess] = None

    def close(self) -> None:
        """End the process and remove the folder, in a thread: nobody waits."""
        process, self.process = self.process, None
        threading.Thread(
            target=_clear, args=(process, self.folder), name="redis-geo-mapped-end", daemon=True
        ).start()


def _clear(process: Optional[ReadingProcess], folder: Folder) -> None:
    if process is not None:
        process.end()
    folder.remove()


class MappedFeed(FeedThread):
    """The interface of ``Feed`` that the window uses, but for the past of vehicles and geofences: both need
    each way of each vehicle, which this process does not have.

    ``given_up`` says why the feed cannot be read in this way: it has to go on as an ordinary one. ``take``
    returns the newest picture once.
    """

    def __init__(
        self,
        spec: FeedSpec,
        settings: Optional[ConnectionSettings],
        mapped: Mapped,
        notify: Optional[Callable[[], None]] = None,
    ):
        super().__init__(settings, notify)
        self.spec = spec
        self.mapped = mapped
        self.given_up: Optional[Failure] = None
        self.positions = MappedPositions(mapped.folder.path)
        self.positions.latest.show(mapped.picture.number, mapped.picture.count)
        self.trails = Trails(0.0, 2)
        self.schema = Schema({})
        self.replay = None
        self.fences: Optional[Fences] = None
        self.fence_stream = ""
        self.lead = 0.0
        self._said: Optional[Status] = None
        self._waiting: Optional[Picture] = None
        self._gone: deque[int] = deque(maxlen=GONE_KEPT)
        self._deaths = 0
        self._lock = threading.Lock()

    # --- called by the window -------------------------------------------------------------------------------

    def stop(self, wait: float = STOP_TIMEOUT) -> None:
        """Read no more. The process stays, without a connection: the pictures end with it."""
        self._tell({"t": "stop"})
        super().stop(wait)

    def pause(self) -> None:
        """Pause reading."""
        super().pause()
        self._tell({"t": "pause"})

    def resume(self) -> None:
        """Resume after a pause."""
        super().resume()
        self._tell({"t": "resume"})

    def set_spec(self, spec: FeedSpec) -> None:
        """Take over what can change while the feed runs."""
        self.spec = spec
        self._tell({"t": "spec", "spec": spec.to_json()})

    def reconnect(self, settings: Optional[ConnectionSettings]) -> None:
        """Use these settings from now on."""
        if settings != self._settings:
            self._settings = settings
            self._tell({"t": "connection", "connection": connection_words(settings)})

    def take(self) -> Optional[Picture]:
        """The newest picture, with all rows that were left since the last call; None where it is known."""
        self._told = False
        with self._lock:
            found, self._waiting = self._waiting, None
            gone = list(self._gone)
            self._gone.clear()
        if found is None:
            return None
        self.positions.latest.show(found.number, found.count)
        return replace(found, gone=gone)

    def taken(self, picture: Picture) -> None:
        """Tell the process that the map shows this picture: it may make the next."""
        self.mapped.picture = picture
        self._tell({"t": "taken", "number": picture.number, "lead": self.lead})

    def watch_fences(self, *_fences: object) -> None:
        """Ways are not judged here."""

    def take_events(self) -> list[Event]:
        """There are none."""
        return []

    def set_replay(self, *_replay: object) -> bool:
        """The past is not shown here."""
        return False

    def fixes_at(self, *_moment: object, **_reader: object) -> Fixes:
        """Nothing is known of the past."""
        return Fixes.of([])

    def known_since(self) -> Optional[float]:
        """Nothing is known of the past."""
        return None

    @property
    def has_news(self) -> bool:
        """Whether there is a picture that the window has not taken, or will be none."""
        return self._waiting is not None or self.given_up is not None

    def status(self) -> Status:
        """As the process told it last; while there is none, or it is away, as this thread knows it."""
        said, own = self._said, self._state
        if said is not None and own is FeedState.LIVE:
            return said
        vehicles = self.mapped.picture.count
        known = said or Status(
            own, self._since, None, False, False, None, vehicles, 0.0, {}, None, 0.0, None, 0, 0
        )
        return replace(known, state=own, since=self._since, failure=self._failure)

    # --- the thread -----------------------------------------------------------------------------------------

    def named(self) -> FeedSpec:
        """What is read."""
        return self.spec

    def _being_read(self) -> None:
        return None

    def _tell(self, words: JsonObject) -> None:
        process = self.mapped.process
        if process is not None:
            process.tell(words)

    def _session(self) -> None:
        if self.given_up is not None:
            self._stopping = True
            return
        process = self._attach()
        with process.hearing:  # the feed before this one hears it until it has stopped
            said = process.hear()
            while said is not None:
                if said["t"] == "stopped" and self._stopping:
                    return
                self._on_said(said)
                said = process.hear()
        self._on_death(process)

    def _attach(self) -> ReadingProcess:
        """The process of the last run, which has looked after the pictures, or a new one."""
        mapped, process = self.mapped, self.mapped.process
        connection = connection_words(self._settings)
        if process is not None and process.alive:
            process.tell({"t": "connection", "connection": connection})
            process.tell({"t": "spec", "spec": self.spec.to_json()})
            process.tell({"t": "start"})
            return process
        if process is not None:
            process.wait()  # it has ended, and its thread is to end with it
        python = mapped.python()
        if python is None:
            self._give_up(Failure(FailureKind.READER_ENDED, "no Python"))
            raise StoreError(Failure(FailureKind.READER_ENDED, "no Python"))
        setup = {
            "folder": str(mapped.folder.path),
            "spec": self.spec.to_json(),
            "connection": connection,
            "number": mapped.picture.number,
        }
        process = mapped.process = ReadingProcess(python, setup)
        if self._stopping:
            process.tell({"t": "stop"})
        if self._paused:
            process.tell({"t": "pause"})
        return process

    def _on_death(self, process: ReadingProcess) -> None:
        code = process.wait()
        failure = Failure(FailureKind.READER_ENDED, f"exit code {code}")
        if self._stopping:
            return
        self._deaths += 1
        if self.given_up is None and (code in (FULL, UNUSABLE) or self._deaths >= MOST_DEATHS):
            self._give_up(failure)
        raise StoreError(failure)

    def _give_up(self, failure: Failure) -> None:
        self.given_up = failure
        self.tell()

    def _on_said(self, said: JsonObject) -> None:
        kind = said.pop("t")
        if kind == "status":
            self._on_status(said)
        elif kind == "picture":
            self._on_picture(said)
        elif kind in ("full", "unusable"):
            reason = FailureKind.READER_FULL if kind == "full" else FailureKind.READER_ENDED
            self._give_up(Failure(reason, said["words"]))
        elif kind == "broken":
            self._failure = Failure(FailureKind.READER_ENDED, said["words"])

    def _on_status(self, said: JsonObject) -> None:
        positions = self.positions
        self.schema.kinds.update(said["kinds"])
        status = status_of(said)
        positions.offset, positions.correction = status.offset, status.correction
        positions.refused.clear()
        positions.refused.update(status.refused)
        positions.last_refused.extend(refusals_of(said))
        before, self._said = self._said, status
        self._set_state(FeedState.PAUSED if self._paused else FeedState.LIVE)
        if before is None or before.state is not status.state:
            self.tell()

    def _on_picture(self, said: JsonObject) -> None:
        self._deaths = 0
        columns = tuple((name, kind) for name, kind in said.pop("columns"))
        ago, gone = said.pop("ago"), said.pop("gone")
        since = time.monotonic() - ago if ago else None
        with self._lock:
            self._waiting = Picture(columns=columns, since=since, **said)
            self._gone.extend(gone)
        self.tell()


__all__ = ["Mapped", "MappedFeed", "Picture"]
