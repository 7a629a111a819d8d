"""Features that were changed in a layer written back into their keys, in the form in which they came.

A key is read again while it is watched, by the same request as before. A feature is written where it still is
what the layer showed: one that another client has changed meanwhile is refused, and stays as that one has it.
Only the members that were changed are replaced in the bytes of the value; lifetimes stay.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple, Optional

from ..geometry.walk import Unsound
from ..json_types import Value
from ..live.records import text_of
from ..redis import production, sized
from ..redis.guarded import KeysBusy, WatchKeys, guarded
from ..redis.redispy import key_slot
from ..redis.server import Server
from ..watch import Watch
from .changing import NO_LONGER, Change, change_of
from .containers import ROOT, Commands, Container, container_of, print_of
from .edits import Edit, FeatureView
from .reader import Origin, SetFeature
from .reading import ReadRequest, ident_of, resolve
from .refusals import Refusals, Refused, WhyRefused
from .sources import BY_TYPE, HowRead, Stored
from .splicing import Tree, add
from .values import decoded

_log = logging.getLogger("redis_geo")
TOGETHER = 100  # keys of one transaction
LIMITS = sized.SizeLimits(batch_bytes=16_000_000)
_STREAM = "stream"
_Fate = tuple[Edit, Optional[WhyRefused]]


class _Doubt(NamedTuple):
    """What a key held before a transaction, what it holds when that was done, and what then became of its
    edits."""

    before: bytes
    after: bytes
    fates: list[_Fate]


@dataclass
class WriteReport:
    """How many features were ``changed`` and ``deleted``, which were refused, the keys whose edits are
    ``settled`` either way, and what each of them is on the server ``now`` (None: nothing), by key and id.
    ``doubts`` are the keys of a transaction that had no reply: whether it was done, they themselves tell."""

    changed: int = 0
    deleted: int = 0
    refusals: Refusals = field(default_factory=Refusals)
    settled: set[bytes] = field(default_factory=set)
    now: dict[tuple[bytes, str], Optional[SetFeature]] = field(default_factory=dict)
    doubts: dict[bytes, _Doubt] = field(default_factory=dict)

    def settle(self, key: bytes, fates: Sequence[_Fate]) -> None:
        """Take in what became of all edits of a key."""
        self.settled.add(key)
        self.doubts.pop(key, None)
        for edit, why in fates:
            if why is not None:
                self.refusals.add(edit.key, why, edit.id)
            elif edit.is_deleted:
                self.deleted += 1
            else:
                self.changed += 1


class _Place(NamedTuple):
    """A feature as it stands in one of the values of its key, which is ``value`` once decoded."""

    feature: SetFeature
    origin: Origin
    stored: Stored
    value: Value


_Places = dict[str, list[_Place]]  # by id


class EditWriter:
    """Writes edits of one set, whose lines were read with six decimals where ``has_six``. For one thread.
    Raises IndexProblem where the geometry of an index has to be named."""

    def __init__(
        self,
        server: Server,
        request: ReadRequest,
        view: FeatureView,
        watch: Optional[Watch] = None,
        has_six: bool = False,
    ):
        self.server, self.view, self.watch = server, view, watch or Watch()
        self._has_six = has_six
        self._resolved = resolve(server, request, [server.key(request.source)])
        self._ask = sized.asker(server)
        self._how = HowRead(bool(self._resolved.request.geometry_field))
        self._sent: list[bytes] = []  # the keys of the transaction that was sent last

    def write(self, edits: Sequence[Edit], report: Optional[WriteReport] = None) -> WriteReport:
        """Write what can be written, key by key; what is refused leaves nothing half done.

        Args:
            edits: what was done to features.
            report: that of a write of the same edits that did not come to its end, which goes on there.

        Raises:
            StoreError on a production connection, redis-py's errors, and Cancelled: then some are written, as
            the report that was given says. Whether a transaction was done whose reply was lost is told by
            what stands there when they are written again: what was to be written, and it was; what was there
            before, and it is written now; anything else is another client's, and refused as changed.
        """
        production.check(self.server.settings)
        report = report if report is not None else WriteReport()
        by_key: dict[bytes, list[Edit]] = {}
        for edit in edits:
            if edit.key not in report.settled:
                by_key.setdefault(edit.key, []).append(edit)
        done = 0
        for kind, keys in self._by_type(by_key).items():
            for batch in self._batches(kind, keys):
                self.watch.check()
                self._write(kind, {key: by_key[key] for key in batch}, report)
                done += len(batch)
                self.watch.reach(done / len(by_key))
        return report

    def look(self, edits: Sequence[Edit], report: WriteReport) -> None:
        """Tell in the report what each of these features is on the server now."""
        by_key: dict[bytes, list[Edit]] = {}
        for edit in edits:
            by_key.setdefault(edit.key, []).append(edit)
        for kind, keys in self._by_type(by_key).items():
            for batch in self._batches(kind, keys):
                stored = self._stored(kind, batch) if kind in BY_TYPE else {}
                for key in batch:
                    places = self._places(stored.get(key, []), by_key[key])
                    for edit in by_key[key]:
                        found = places.get(edit.id)
                        report.now[key, edit.id] = found[0].feature if found else None

    # -- keys ----------------------------------------------------------------------------------------------

    def _by_type(self, by_key: dict[bytes, list[Edit]]) -> dict[str, list[bytes]]:
        keys = list(by_key)
        found: dict[str, list[bytes]] = {}
        for key, said in zip(keys, sized.ask_all(self._ask, [("TYPE", key) for key in keys])):
            if isinstance(said, Exception):
                raise said
            found.setdefault(text_of(said), []).append(key)
        return found

    def _batches(self, kind: str, keys: list[bytes]) -> list[list[bytes]]:
        """Keys that are changed together: few, not large, on a cluster of one slot."""
        words = [("MEMORY", "USAGE", key) for key in keys] if kind in BY_TYPE else []
        sizes = [size if isinstance(size, int) else 0 for size in sized.ask_all(self._ask, words)]
        found = []
        for piece in sized.pieces(keys, sizes or [0] * len(keys), LIMITS):
            slots: dict[int, list[bytes]] = {}
            for key in piece:
                slots.setdefault(key_slot(key) if self.server.is_cluster else 0, []).append(key)
            for some in slots.values():
                found += [some[start : start + TOGETHER] for start in range(0, len(some), TOGETHER)]
        return found

    def _write(self, kind: str, edits: dict[bytes, list[Edit]], report: WriteReport) -> None:
        """Write into keys in one transaction; in smaller ones where others change them all the time."""
        if kind not in BY_TYPE or kind == _STREAM:
            why = {"none": WhyRefused.GONE, _STREAM: WhyRefused.ENTRY}.get(kind, WhyRefused.CHANGED)
            fates = _all_refused(edits, why)
            for key in edits if why is WhyRefused.GONE else ():
                doubt = report.doubts.get(key)
                if doubt is not None and doubt.after == print_of([]):
                    fates[key] = doubt.fates  # deleted, and the reply was lost
        else:
            try:
                fates = guarded(self.server, partial(self._step, kind, edits, report))
            except KeysBusy:
                keys = list(edits)
                if len(keys) > 1:
                    half = len(keys) // 2
                    for some in (keys[:half], keys[half:]):
                        self._write(kind, {key: edits[key] for key in some}, report)
                    return
                fates = _all_refused(edits, WhyRefused.CHANGED)
        self._sent = []
        for key, of_key in fates.items():
            report.settle(key, of_key)

    def _step(
        self, kind: str, edits: dict[bytes, list[Edit]], report: WriteReport, watch: WatchKeys
    ) -> tuple[Commands, dict[bytes, list[_Fate]]]:
        """What changes these keys, while nobody else does."""
        self.watch.check()
        if not watch.unanswered:  # the last one was not done
            for key in self._sent:
                report.doubts.pop(key, None)
        keys, self._sent = list(edits), []
        watch(keys)
        stored = self._stored(kind, keys)
        commands, fates, doubts = Commands(), dict[bytes, list[_Fate]](), dict[bytes, _Doubt]()
        for key in keys:
            container, found = container_of(kind, self._ask, key), stored.get(key, [])
            before = print_of(container.before(found))
            doubt = report.doubts.get(key)
            if doubt is not None and doubt.before != before:
                is_done = doubt.after == before
                fates[key] = doubt.fates if is_done else _all_refused(edits, WhyRefused.CHANGED)[key]
                continue
            fates[key] = self._into(container, found, edits[key])
            changes = container.commands()
            if changes:
                doubts[key] = _Doubt(before, print_of(container.after(found)), fates[key])
                commands += changes
        report.doubts.update(doubts)
        self._sent = list(doubts)
        return commands, fates

    def _stored(self, kind: str, keys: Sequence[bytes]) -> dict[bytes, list[Stored]]:
        found: dict[bytes, list[Stored]] = {}
        for piece in BY_TYPE[kind].read(self.server, keys, self._how, self.watch):
            for one in piece:
                found.setdefault(one.key, []).append(one)
        return found

    # -- one key -------------------------------------------------------------------------------------------

    def _places(self, stored: list[Stored], edits: Sequence[Edit]) -> _Places:
        """The features of a key by their ids; as the only key of its set it may have had shorter ones."""
        wanted = {edit.id for edit in edits}
        found = self._places_as(stored, False, self._has_six)
        if not wanted <= found.keys():
            for ident, places in self._places_as(stored, True, self._has_six).items():
                found.setdefault(ident, places)
        return found

    def _places_as(self, stored: list[Stored], is_one: bool, has_six: bool) -> _Places:
        found: _Places = {}
        reader = self._resolved.reader()
        reader.has_six = has_six
        for one in stored:
            try:
                value = decoded(one.value) if isinstance(one.value, bytes) else one.value
            except Refused:
                continue
            if isinstance(value, Refused):
                continue
            ident = ident_of(self._resolved.patterns, one, is_one)
            for feature, origin in reader.origins(one.key, ident, value, one.is_texts):
                found.setdefault(feature.id, []).append(_Place(feature, origin, one, value))
        if reader.has_six and not has_six:  # the last of them may have told it, of all
            return self._places_as(stored, is_one, True)
        return found

    def _into(self, container: Container, stored: list[Stored], edits: Sequence[Edit]) -> list[_Fate]:
        """Put what edits change into a container; what becomes of each edit."""
        places, fates = self._places(stored, edits), list[_Fate]()
        by_value: dict[str, tuple[Stored, list[tuple[Edit, Change]]]] = {}
        for edit in edits:
            try:
                place = self._place(edit, places)
                change = change_of(edit, place.feature, place.origin, place.value, self.view)
            except Exception as error:  # nothing of this asks the server
                fates.append((edit, _why(error)))
            else:
                by_value.setdefault(place.stored.part, (place.stored, []))[1].append((edit, change))
        for one, changed in by_value.values():
            try:
                _put(container, one, [change for _, change in changed])
                fates += [(edit, None) for edit, _ in changed]
            except (ValueError, LookupError, TypeError, RecursionError) as error:  # not those of the server
                fates += [(edit, _why(error)) for edit, _ in changed]
        return fates

    def _place(self, edit: Edit, places: _Places) -> _Place:
        """The feature that an edit means. Raises Refused where it is no longer what the layer showed."""
        found = places.get(edit.id, [])
        if not found:
            raise Refused(WhyRefused.GONE)
        same = [one for one in found if self.view.shows(one.feature, edit)]
        if len(same) != 1:
            raise Refused(WhyRefused.ALIKE if same else WhyRefused.CHANGED)
        return same[0]


def _all_refused(edits: dict[bytes, list[Edit]], why: WhyRefused) -> dict[bytes, list[_Fate]]:
    return {key: [(edit, why) for edit in some] for key, some in edits.items()}


def _why(error: Exception) -> WhyRefused:
    """Why an edit is refused; whatever one value holds, the others are written."""
    if isinstance(error, Refused):
        return error.reason
    if isinstance(error, Unsound):
        return Refused.of(error).reason
    _log.debug("an edit could not be written", exc_info=error)
    return WhyRefused.UNREADABLE


def _put(container: Container, stored: Stored, changes: Sequence[Change]) -> None:
    """Put all changes of one value into a container at once. Raises Refused, and nothing is changed."""
    if any(change is NO_LONGER for change in changes):
        container.delete(stored)
        return
    tree: Tree = {}
    for change in changes:
        for path, leaf in change:
            add(tree, path or (ROOT,), leaf)
    if not tree:  # NULL in the place of nothing
        return
    container.change(stored, tree)
