"""Time series whose labels say what they are, whatever their keys are called: ``{vehicle: 7, coord: lat}``.
TS.MGET gives the latest sample of each."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Optional

from ...redis.cluster_map import address_of
from ...redis.redispy import exceptions
from ...redis.types import Reply
from ...watch import Watch
from .. import labelled
from ..key_patterns import readable_name
from ..labelled import LabelRoles, Series, SeriesProblem
from ..proposals import SAMPLE_KEYS, Family, Proposal, judge
from ..reader import Reader
from ..recognition import names
from ..records import RefusalReason, Row, text_of
from ..spec import FeedSpec, Mapping
from .base import CHUNK, Batch, Source, Tr
from .paired_keys import siblings

MOST_SAMPLED = 300  # keys whose labels are read to find the label of the coordinates
MOST_VALUES = 12  # coordinates of one vehicle
_PROBLEMS = {
    "no_series": "this server has no time series",
    "not_understood": "not a filter of labels",
    "too_many": "too many time series have these labels",
}
_NOT_PLAIN = re.compile(r"[^\w.:,=()@%+/-]")  # what a shell would read as anything but itself
_UNFIT = frozenset("(),=")  # characters that a list of values in a filter cannot hold


class LabelledSeries(Source):
    """``pattern`` is the filter, ``coord=(lat,lon)``; ``details`` names the labels of the coordinate and of
    the vehicle, as words of a shell.

    Without ``details`` they are found from the labels and values. A vehicle with two series for the same
    coordinate has none of them; coordinates of different moments are refused. All series are read at each
    poll, by one command a node.
    """

    KIND = "labelled_series"
    TYPE = "TSDB-TYPE"
    COMMANDS: tuple[str, ...] = labelled.COMMANDS
    is_found_by_name = True

    @staticmethod
    def words(tr: Tr) -> dict[str, str]:
        """Return the sentences of its reasons."""
        return {
            "labelled": tr("The label {coordinate} says which coordinate a series is, the label {id} whose."),
            "latest_by_label": tr("The latest sample of each series is shown, with its time."),
        }

    @classmethod
    def propose(cls, reader: Reader, family: Family, families: list[Family]) -> Optional[Proposal]:
        """Propose one feed from all families of series, with the first of them; None where their labels name
        no coordinates, and where there are more series than a filter may find. Families that names tell
        apart are left to ``TimeSeries``."""
        counts = {one.pattern: one.count for one in families if one.type == cls.TYPE}
        if sum(counts.values()) > labelled.MOST_SERIES:
            return None
        unnamed = _unnamed([one for one in families if one.type == cls.TYPE])
        if not unnamed or unnamed[0].pattern != family.pattern:
            return None
        for words in _filters(reader, [key for one in unnamed for key in one.keys[:SAMPLE_KEYS]]):
            try:
                series = labelled.find(reader, [words])
                roles = labelled.labels_of(series, LabelRoles())
            except SeriesProblem:
                continue
            spec = FeedSpec(
                name=readable_name(family.pattern),
                kind=cls.KIND,
                pattern=_typed(words),
                details=shlex.join((roles.coordinate, roles.id)),
            )
            rows = cls(spec).rows(series)
            proposal = judge(spec, rows[:SAMPLE_KEYS], False, len(rows))
            if proposal is not None:
                proposal.reasons.append(("labelled", {"coordinate": roles.coordinate, "id": roles.id}))
                proposal.reasons.append(("latest_by_label", {}))
                return proposal
        return None

    def open(self, reader: Reader) -> None:
        """Prepare for this server."""
        self._seen: dict[str, int] = {}  # id -> hash of what was read last
        self._missed: set[str] = set()  # who was not there at the last poll of a cluster

    def read_all(self, reader: Reader, watch: Watch) -> Iterator[Batch]:
        """Yield everything there is; of a cluster what stands on the nodes that answer."""
        rows = self.rows(self._find(reader, self._of_all(reader)))
        self._seen = {row.id: hash(row.raw) for row in rows}
        for start in range(0, len(rows), CHUNK):
            if watch.cancelled():
                return
            yield rows[start : start + CHUNK], []

    def poll(self, reader: Reader) -> Iterator[Batch]:
        """Yield what changed and who is gone."""
        yield [], []
        rows = self.rows(self._find(reader, self._of_those_there(reader)))
        before, self._seen = self._seen, {row.id: hash(row.raw) for row in rows}
        changed = [row for row in rows if before.get(row.id) != self._seen[row.id]]
        # between its two commands a producer has stored one coordinate: the vehicle stays where it was
        changed = [row for row in changed if row.error is None or row.id not in before]
        missing = {ident for ident in before if ident not in self._seen}
        gone = self._gone(reader, missing)
        self._seen.update((ident, before[ident]) for ident in missing.difference(gone))
        yield [], gone
        for start in range(0, len(changed), CHUNK):
            yield changed[start : start + CHUNK], []

    def _gone(self, reader: Reader, missing: set[str]) -> list[str]:
        """Those of the missing who are gone. On a cluster they may stand on a node that is away, or on their
        way from a node that was asked too late to one that was asked too early: then not yet."""
        if reader.cluster is None:
            return sorted(missing)
        before, self._missed = self._missed, missing
        return [] if reader.away else sorted(missing & before)

    def rows(self, series: list[Series]) -> list[Row]:
        """Return a row for each vehicle that has its coordinates."""
        roles = self._roles(series)
        if roles is None:
            return []
        mapping = self.spec.mapping if self.spec.mapping.lon else roles.mapping
        place = tuple(filter(None, (mapping.lon, mapping.lat)))
        rows = []
        for ident, group in sorted(labelled.grouped(series, roles.coordinate, roles.id)[0].items()):
            values = labelled.record_of(group, place)
            if len(values) < 2 or not all(name in values for name in place):
                continue
            if not labelled.are_together(group[name].latest for name in place):
                samples = repr({name: group[name].latest for name in place}).encode("utf-8", "replace")
                rows.append(Row(ident, group[min(group)].key, None, samples, RefusalReason.APART))
                continue
            shared = labelled.shared_labels(group.values())
            if roles.id != self.spec.mapping.id:
                shared.pop(roles.id, None)
            record = {**shared, **values}
            rows.append(Row(ident, group[min(group)].key, record, repr(record).encode("utf-8", "replace")))
        return rows

    def _roles(self, series: list[Series]) -> Optional[LabelRoles]:
        """Which label is what: as the feed says, else as the series tell; None where they do not."""
        labels = {name for one in series for name in one.labels}
        mapping = self.spec.mapping
        try:
            said = shlex.split(self.spec.details)
        except ValueError:
            said = []
        coordinate, ident = said if len(said) == 2 and labels.issuperset(said) else ("", "")
        if mapping.id in labels:
            ident = mapping.id
        place = Mapping(lon=mapping.lon, lat=mapping.lat) if mapping.lon and mapping.lat else Mapping()
        given = LabelRoles(coordinate, ident, place)
        if coordinate and ident and place.lon:
            return given
        try:
            return labelled.labels_of(series, given)
        except SeriesProblem:
            return given if coordinate and ident else None

    def _find(self, reader: Reader, replies: Iterable[Reply]) -> list[Series]:
        """Return the series in these replies. Raises ResponseError for what a filter cannot find here."""
        try:
            return labelled.of_replies(reader, replies)
        except SeriesProblem as problem:
            what = _PROBLEMS.get(problem.what, problem.what)
            raise exceptions.ResponseError(": ".join((what, *problem.names))) from problem

    def _of_all(self, reader: Reader) -> Iterator[Reply]:
        """Ask all nodes, and note those that are away. Raises where none is there."""
        words, reader.away = labelled.words_of(self.spec.pattern), []
        if reader.cluster is None:
            yield labelled.reply_of(reader.ask, words)
            return
        nodes = reader.cluster.nodes
        for node in nodes:
            try:
                yield labelled.reply_of(partial(reader.cluster.ask_node, node), words)
            except (exceptions.ConnectionError, exceptions.TimeoutError):
                reader.away.append(address_of(node))
                if len(reader.away) == len(nodes):
                    raise

    def _of_those_there(self, reader: Reader) -> Iterator[Reply]:
        """Ask all nodes. Raises where one is away that was there, and where one is back."""
        words = labelled.words_of(self.spec.pattern)
        if reader.cluster is None:
            yield labelled.reply_of(reader.ask, words)
            return
        for node in reader.cluster.nodes:
            was_away = address_of(node) in reader.away
            try:
                reply = labelled.reply_of(partial(reader.cluster.ask_node, node), words)
            except (exceptions.ConnectionError, exceptions.TimeoutError):
                if not was_away:
                    raise
                continue
            if was_away:
                raise exceptions.ConnectionError("a node of the cluster is back")
            yield reply


def _typed(condition: str) -> str:
    """A condition of a filter as it is typed: in quotes where its labels have blanks, quotes and the like."""
    return shlex.quote(condition) if _NOT_PLAIN.search(condition) else condition


def _unnamed(families: list[Family]) -> list[Family]:
    """The families of series whose names do not say which coordinate they are."""
    named: set[str] = set()
    for one in families:
        template, fields = siblings(one, families)
        named.update(template.replace("{field}", name).replace("{id}", "*") for name in fields)
    return [one for one in families if one.pattern not in named]


def _filters(reader: Reader, keys: list[bytes]) -> list[str]:
    """Filters that find coordinates by a label whose values name them, as some of the series have it."""
    values: dict[str, set[str]] = {}
    for reply in reader.ask_many([("TS.INFO", key) for key in keys[:MOST_SAMPLED]]):
        for name, value in _labels(reply):
            values.setdefault(name, set()).add(value)
    return [
        f"{name}=({','.join(sorted(known))})"
        for name, known in values.items()
        if 2 <= len(known) <= MOST_VALUES
        and not _UNFIT.intersection("".join((name, *known)))
        and _names(known, names.LATITUDE | names.NORTH)
        and _names(known, names.LONGITUDE | names.EAST)
    ]


def _names(values: Iterable[str], those: frozenset[str]) -> bool:
    return any(those.intersection((*names.words(value), names.normal(value))) for value in values)


def _labels(reply: Reply) -> list[tuple[str, str]]:
    """The labels in what TS.INFO says: a flat list of names and values."""
    if not isinstance(reply, list) or len(reply) % 2 or b"labels" not in reply[::2]:
        return []
    said = reply[2 * reply[::2].index(b"labels") + 1]
    if not isinstance(said, list):
        return []
    return [
        (text_of(pair[0]), text_of(pair[1]))
        for pair in said
        if isinstance(pair, list) and len(pair) == 2 and all(isinstance(one, bytes) for one in pair)
    ]
