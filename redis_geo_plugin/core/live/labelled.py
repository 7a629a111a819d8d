"""Time series by their labels: which there are, and which are the coordinates of one vehicle.

Labels are ``{vehicle: 7, coord: lat}``: one of them says which coordinate a series is, one tells the vehicles
apart. What is not said is found from the labels and the latest samples, by the rules of the recognition of
positions; what nothing decides is asked, not guessed.
"""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Mapped
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Callable, Optional

from ..json_types import JsonObject
from ..redis.gate import register_reading
from ..redis.redispy import exceptions
from ..redis.types import Reply
from .reader import Reader
from .recognition import NO_ROLE, names, recognise
from .records import text_of
from .spec import Mapping
from .values import number

COMMANDS = ("TS.MGET", "TS.RANGE", "TS.INFO")
register_reading(COMMANDS)
MOST_SERIES = 50_000  # that one filter may find
MOST_FIELDS = 50  # values of a label that says which coordinate a series is
MOST_RECOGNISED = 300  # vehicles whose values tell which coordinate is which
LONGEST_LABEL = 1000  # characters of a label that are shown
TIME = "time"  # the field of a record with the moment of its samples
# Milliseconds between samples of one report: both coordinates are stored in the same moment, or by clocks of
# whole seconds and writers in turn in a few. In three seconds a lorry drives 75 m; what is older belongs to
# another place.
APART = 3000
_OF_THE_MODULE = "TSDB: "  # in what the module says of a command
_AWAY = ("unknown command", "unknown subcommand")
NO_MAPPING = Mapping()
Sample = tuple[int, float]  # milliseconds since 1970 UTC, value
_POSITION = {"order", "crs", "place", "scale"}


class SeriesProblem(Exception):
    """Why series cannot be read; ``what`` says it in a word: no_series, not_understood, none, too_many,
    no_place, which_field, which_id, no_label, unsure. ``names`` are the labels, values or roles that it is
    about."""

    def __init__(self, what: str, names: Sequence[str] = ()):
        super().__init__(what)
        self.what, self.names = what, tuple(names)


@dataclass(frozen=True)
class Series:
    """A time series: its key, its labels, and its latest sample (milliseconds since 1970 UTC, value), if it
    has any."""

    key: bytes
    labels: dict[str, str]
    latest: Optional[Sample] = None


@dataclass(frozen=True)
class LabelRoles:
    """Which label says which coordinate a series is, and which tells the vehicles apart; empty: not known.
    ``mapping`` names the values of the former that are the coordinates (``lon``, ``lat``), and how they are
    meant."""

    coordinate: str = ""
    id: str = ""
    mapping: Mapping = NO_MAPPING


def words_of(text: str) -> list[str]:
    """The conditions of a filter as it is typed, ``fleet=north coord=(lon,lat) name="my car"``. Raises
    SeriesProblem (not_understood) for what is none."""
    try:
        words = shlex.split(text)
    except ValueError:
        words = []
    if not words or not all("=" in word.strip("=") or word.endswith("=") for word in words):
        raise SeriesProblem("not_understood", (text,))
    return words


def find(reader: Reader, words: Sequence[str]) -> list[Series]:
    """The series of the tenant that a filter finds, on a cluster on all of its nodes, by their keys.

    Raises SeriesProblem for a server without time series, for a filter that it does not understand, and where
    there are none, and redis-py's errors.
    """
    found = of_replies(reader, replies_of(reader, words))
    if not found:
        raise SeriesProblem("none")
    return found


def replies_of(reader: Reader, words: Sequence[str]) -> list[Reply]:
    """What the server, or each node of a cluster, says of a filter. Raises as ``find`` does."""
    if reader.cluster is None:
        return [reply_of(reader.ask, words)]
    return [reply_of(partial(reader.cluster.ask_node, node), words) for node in reader.cluster.nodes]


def reply_of(ask: Callable[..., Reply], words: Sequence[str]) -> Reply:
    """What one server says of a filter. Raises as ``find`` does."""
    try:
        return ask("TS.MGET", "WITHLABELS", "FILTER", *words)
    except exceptions.ResponseError as error:
        said = str(error)
        if any(sign in said.lower() for sign in _AWAY):
            raise SeriesProblem("no_series") from error
        if _OF_THE_MODULE in said and "permission" not in said:
            raise SeriesProblem("not_understood", (said,)) from error
        raise


def of_replies(reader: Reader, replies: Iterable[Reply]) -> list[Series]:
    """The series of the tenant in these replies, by their keys: a node whose module knows the others names
    theirs too. Raises SeriesProblem (too_many)."""
    lead = reader.server.key("")
    found: dict[bytes, Series] = {}
    for reply in replies:
        for one in map(_series, reply):
            if one and one.key.startswith(lead):
                found[one.key] = one
                if len(found) > MOST_SERIES:
                    raise SeriesProblem("too_many", (str(MOST_SERIES),))
    return [found[key] for key in sorted(found)]


def _series(said: Reply) -> Optional[Series]:
    if type(said) is not list or len(said) < 3 or type(said[0]) is not bytes or type(said[1]) is not list:
        return None
    labels = {
        text_of(pair[0])[:LONGEST_LABEL]: text_of(pair[1])[:LONGEST_LABEL]
        for pair in said[1]
        if type(pair) is list and len(pair) == 2 and type(pair[0]) is bytes and type(pair[1]) is bytes
    }
    return Series(said[0], labels, sample_of(said[2]))


def sample_of(reply: Reply) -> Optional[Sample]:
    """A sample as (milliseconds, value); None for an empty reply, and for a value that is no number."""
    if type(reply) is not list or len(reply) != 2 or type(reply[0]) is not int:
        return None
    value = number(reply[1].decode("latin-1") if type(reply[1]) is bytes else reply[1])
    return None if value is None else (reply[0], value)


# --- which label is what ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Found:
    """A way to understand the labels, and how sure it is: of the place, and of the identity by its name."""

    roles: LabelRoles
    certainty: tuple[float, float]
    groups: frozenset[frozenset[bytes]]


def roles_of(series: Sequence[Series], given: LabelRoles) -> LabelRoles:
    """Which label is what, and how coordinates are meant; what is ``given`` stays. Raises SeriesProblem where
    nothing decides it."""
    roles = labels_of(series, given)
    asks = [role for role in roles.mapping.asks if role in _POSITION]
    if asks:
        raise SeriesProblem("unsure", asks)
    return roles


def labels_of(series: Sequence[Series], given: LabelRoles) -> LabelRoles:
    """As ``roles_of``; what the coordinates mean may have to be asked (``mapping.unsure``)."""
    labels = dict.fromkeys(name for one in series for name in one.labels)
    for name in filter(None, (given.coordinate, given.id)):
        if name not in labels:
            raise SeriesProblem("no_label", (name, *sorted(labels)))
    ways = [
        way
        for name in ([given.coordinate] if given.coordinate else labels)
        if name != given.id
        for way in _ways(series, name, [given.id] if given.id else list(labels), given.mapping)
    ]
    if not ways:
        raise SeriesProblem("no_place", sorted(labels))
    best = max(way.certainty for way in ways)
    likely = [way for way in ways if way.certainty == best]
    if len({way.roles.coordinate for way in likely}) > 1:
        raise SeriesProblem("which_field", sorted({way.roles.coordinate for way in likely}))
    if len({way.groups for way in likely}) > 1:
        raise SeriesProblem("which_id", sorted({way.roles.id for way in likely}))
    return min((way.roles for way in likely), key=lambda one: one.id)


def _ways(series: Sequence[Series], name: str, idents: list[str], given: Mapping) -> list[_Found]:
    """The ways to understand the labels where this one says which coordinate a series is."""
    values = {one.labels[name] for one in series if name in one.labels}
    if not 2 <= len(values) <= MOST_FIELDS or (given.lon and not {given.lon, given.lat} <= values):
        return []
    found = []
    for ident in idents:
        groups, clash = grouped(series, name, ident) if ident != name else ({}, False)
        if clash or not groups:
            continue
        mapping, certainty = _place(groups, given)
        if mapping is not None:
            # a name of what vehicles share (a fleet, a line) is the last that tells them apart
            known = names.IDS.get(names.normal(ident), -1.0 if names.normal(ident) in names.GROUPS else 0.0)
            kept = frozenset(frozenset(one.key for one in group.values()) for group in groups.values())
            found.append(_Found(LabelRoles(name, ident, mapping), (certainty, known), kept))
    return found


def grouped(series: Iterable[Series], name: str, ident: str) -> tuple[dict[str, dict[str, Series]], bool]:
    """The series of each vehicle by their coordinate, and whether some were left out because a vehicle would
    have had two of the same."""
    found: dict[str, dict[str, Series]] = defaultdict(dict)
    clashes: set[tuple[str, str]] = set()
    for one in series:
        if name in one.labels and ident in one.labels:
            who, what = one.labels[ident], one.labels[name]
            if what in found[who]:
                clashes.add((who, what))
            found[who][what] = one
    for who, what in clashes:
        del found[who][what]
    return found, bool(clashes)


def _place(groups: dict[str, dict[str, Series]], given: Mapping) -> tuple[Optional[Mapping], float]:
    """Which of the coordinates are longitude and latitude, by their names and latest values."""
    if given.lon:
        pairs = sum(given.lon in group and given.lat in group for group in groups.values())
        return (given, 1.0) if pairs else (None, 0.0)
    some = islice(groups.items(), 0, None, -(-len(groups) // MOST_RECOGNISED))  # from all parts of the fleet
    records = {ident: record_of(group) for ident, group in some}
    found = recognise(records.values(), idents=list(records), given=given)
    mapping = found.mapping
    if not (mapping.lon and mapping.lat):
        return None, 0.0
    place = Mapping(
        lon=mapping.lon, lat=mapping.lat, crs=mapping.crs, scale=mapping.scale, unsure=mapping.unsure
    )
    return place, found.roles.get("place", NO_ROLE).certainty


def record_of(group: dict[str, Series], place: Sequence[str] = ()) -> JsonObject:
    """The latest values of the series of a vehicle as a record, as ``record_of_samples`` does."""
    return record_of_samples({name: one.latest for name, one in group.items()}, place)


def record_of_samples(samples: Mapped[str, Optional[Sample]], place: Sequence[str] = ()) -> JsonObject:
    """The values of samples as a record, by the names of what they measure, and the time (milliseconds since
    1970 UTC) of the oldest of the ``place``; without one, of all. What is more than ``APART`` older than the
    place is left out: no speed of an hour ago is that of now."""
    latest = {name: sample for name, sample in samples.items() if sample is not None}
    moments = [latest[name][0] for name in place or latest if name in latest]
    if not moments:
        return {name: value for name, (_, value) in latest.items()}
    time = min(moments)
    kept = {name: value for name, (moment, value) in latest.items() if moment >= time - APART or not place}
    return {**kept, TIME: time}


def are_together(samples: Iterable[Optional[Sample]]) -> bool:
    """Whether the samples of the coordinates can be those of one position: at most ``APART`` apart."""
    moments = [sample[0] for sample in samples if sample is not None]
    return not moments or max(moments) - min(moments) <= APART


@dataclass(frozen=True)
class Vehicle:
    """The two series of a vehicle, and the labels that both have alike, but for its id."""

    id: str
    lon: Series
    lat: Series
    labels: dict[str, str]


def vehicles(series: Iterable[Series], roles: LabelRoles) -> list[Vehicle]:
    """The vehicles that have both coordinates, by their ids. Raises SeriesProblem (which_id) where one would
    have two series for the same coordinate."""
    of_place = [
        one for one in series if one.labels.get(roles.coordinate) in (roles.mapping.lon, roles.mapping.lat)
    ]
    groups, clash = grouped(of_place, roles.coordinate, roles.id)
    if clash:
        raise SeriesProblem("which_id", (roles.id,))
    found = []
    for ident, group in sorted(groups.items()):
        lon, lat = group.get(roles.mapping.lon), group.get(roles.mapping.lat)
        if lon is not None and lat is not None:
            shared = shared_labels((lon, lat))
            shared.pop(roles.id, None)
            found.append(Vehicle(ident, lon, lat, shared))
    return found


def shared_labels(series: Iterable[Series]) -> dict[str, str]:
    """The labels that all of these have alike."""
    first, *others = (one.labels for one in series)
    return {name: value for name, value in first.items() if all(one.get(name) == value for one in others)}
