"""Reading a set of features once: the keys of a pattern, or one key, whatever types they are of.

features = reading.read_features(server, ReadRequest("zone:*"))
for feature in features.features: feature.id, feature.wkb, feature.attributes
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Callable, NamedTuple, Optional

from ..live import collector
from ..live.key_patterns import KeyPattern
from ..live.own_keys import is_book, without_books
from ..live.records import text_of
from ..redis import sized, string_walk
from ..redis.failures import StoreError
from ..redis.server import Server
from ..watch import Watch
from . import indexes
from .attributes import SetSchema
from .crs_names import DEGREES
from .indexes import Index
from .reader import FeatureReader, SetFeature
from .refusals import Refusals, Refused, WhyRefused
from .sources import BY_TYPE, HowRead, Stored, strings
from .sources.base import LIMITS
from .values import decoded_many

TOGETHER = 1000  # keys read in one go
SORTED = 5000  # keys sorted in one go
PARSED = 200  # values parsed in one go: Python's lock is held so long
_STREAM, _STRING = "stream", "string"
_TYPES = {indexes.HASH: "hash", indexes.JSON: "ReJSON-RL"}


@dataclass(frozen=True)
class ReadRequest:
    """What is read.

    Args:
        source: a pattern with ``*``, one key, behind the tenant's prefix, or the name of an index.
        format: the name of a format; empty: told by the bytes.
        geometry_field: the member of records, a path; empty: found.
        crs: the CRS of values that name none, as ``EPSG:2154`` or WKT; empty: they are refused.
        id_field: the attribute that identifies; empty: the feature's own id, else where it stands.
        history: all entries of a stream, and not the latest of each id.
    """

    source: str
    format: str = ""
    geometry_field: str = ""
    crs: str = ""
    id_field: str = ""
    history: bool = False


@dataclass
class FeatureSet:
    """What was read: the ``features``, their ``schema``, what was refused, how many ``keys`` there were, how
    many rings were closed, whether a line has six decimals (``has_six``), and how many features say each
    CRS."""

    features: list[SetFeature] = field(default_factory=list)
    schema: SetSchema = field(default_factory=SetSchema)
    refusals: Refusals = field(default_factory=Refusals)
    keys: int = 0
    mended: int = 0
    judged_together: bool = False
    has_six: bool = False
    crss: Counter[str] = field(default_factory=Counter)

    @property
    def crs(self) -> str:
        """The CRS of most of them; empty where none has a geometry."""
        return self.crss.most_common(1)[0][0] if self.crss else ""

    def learn(self, features: Sequence[SetFeature]) -> None:
        """Take features in: their attributes' types, and their CRS."""
        self.crss.update([feature.crs for feature in features if feature.wkb is not None])
        learn = self.schema.learn
        for feature in features:
            if feature.has_attributes:
                learn(feature.attributes, feature.texts)


def read_features(server: Server, request: ReadRequest, watch: Optional[Watch] = None) -> FeatureSet:
    """The features of a pattern, key or index now. Raises redis-py's errors, and Cancelled; IndexProblem for
    an index whose geometry has to be named."""
    with collector.held():  # a hundred thousand new objects, none of them part of a cycle
        return _read(server, request, watch or Watch())


class Resolved(NamedTuple):
    """A ``request`` as it is read: as the index that it names ``declared`` it (None: it names none), whose
    keys begin with the ``heads``; the ``patterns`` tell what changes in its keys."""

    request: ReadRequest
    declared: Optional[Index]
    heads: list[str]
    patterns: list[KeyPattern]

    def reader(self) -> FeatureReader:
        """What reads its values."""
        request = self.request
        return FeatureReader(request.format, request.geometry_field, request.id_field, request.crs)


def resolve(server: Server, request: ReadRequest, keys: Sequence[bytes]) -> Resolved:
    """How a request is read, of which ``keys`` are those of its name. Raises IndexProblem, as ``read``."""
    index = _index(server, request.source, keys)
    heads, patterns = [], [request.source]
    if index is not None:
        request = _by_index(request, index)
        heads = _heads(server, index)
        patterns = [head + "*" for head in heads]
    prefix = server.settings.key_prefix
    return Resolved(request, index, heads, [KeyPattern(one, prefix) for one in patterns])


def _read(server: Server, request: ReadRequest, watch: Watch) -> FeatureSet:
    keys = find_keys(server, request.source, watch)
    resolved = resolve(server, request, keys)
    if resolved.declared is not None:
        keys = _keys_of(server, resolved.heads, watch)
    return read_keys(server, resolved, keys, watch, len(keys) == 1 and resolved.declared is None)


def keys_of(server: Server, resolved: Resolved, watch: Optional[Watch] = None) -> list[bytes]:
    """The keys of a request now. Raises redis-py's errors, and Cancelled."""
    if resolved.declared is not None:
        return _keys_of(server, resolved.heads, watch or Watch())
    return find_keys(server, resolved.request.source, watch)


def read_keys(
    server: Server,
    resolved: Resolved,
    keys: list[bytes],
    watch: Watch,
    is_one: bool,
    schema: Optional[SetSchema] = None,
) -> FeatureSet:
    """The features under these keys of a request.

    Args:
        server: where they are.
        resolved: how they are read.
        keys: some of the request's, or all.
        watch: told the progress.
        is_one: whether the ids within a key tell apart by themselves, as there is no other.
        schema: what was learned of the attributes before, which is widened.

    Raises:
        redis-py's errors, and Cancelled.
    """
    request, index, _, named = resolved
    reader = resolved.reader()
    latest: dict[tuple[bytes, str], SetFeature] = {}  # of streams
    result = FeatureSet(refusals=reader.refusals, keys=len(keys), schema=schema or SetSchema())
    progress = _Progress(watch, len(keys))

    def take(kind: str, stored: list[Stored]) -> None:
        _add(reader, named, stored, is_one)
        features = reader.take()
        if kind == _STREAM and not request.history:
            _keep_latest(latest, features, reader)
        else:
            result.features += features

    def take_strings(some: list[bytes], values: list[Optional[bytes]]) -> None:
        if not _add_alike(reader, named, some, values):
            take(_STRING, strings.stored(some, values))
        result.features += reader.take()
        progress.add(len(some))

    # strings are of no concern to an index
    others = keys if index is not None else _read_strings(server, keys, take_strings, reader.refusals)
    by_type = _by_type(server, others, reader.refusals, index)
    _read_others(server, by_type, HowRead(bool(request.geometry_field)), progress, take)
    result.features += [*latest.values(), *reader.finish()]
    result.learn(result.features)
    result.mended = reader.mended.rings
    result.judged_together, result.has_six = reader.judged_together, reader.has_six
    return result


def find_keys(server: Server, source: str, watch: Optional[Watch] = None) -> list[bytes]:
    """The keys of a pattern in their order, each once, without the plugin's own books; one key as it is.

    Raises redis-py's errors, and Cancelled.
    """
    if "*" not in source:
        return [server.key(source)]
    watch = watch or Watch()
    skip = len(server.settings.key_prefix.encode())
    found = _in_order(server.scan(KeyPattern(source, server.settings.key_prefix).glob, watch=watch))
    if is_book(source.rstrip("*")):  # the user means them
        return found
    return without_books(found, skip)


def _in_order(keys: Iterable[bytes]) -> list[bytes]:
    """The keys in their order, each once. They are sorted some at a time, as a sort holds Python's lock, for
    which the window waits: that of sorted pieces takes a fraction of one of all."""
    found: dict[bytes, None] = {}
    walk = iter(keys)
    while piece := sorted(islice(walk, SORTED)):
        found.update(dict.fromkeys(piece))
    return sorted(found)


class _Progress:
    """Tells the watch how much of a number of keys is done."""

    def __init__(self, watch: Watch, total: int):
        self.watch, self._total, self._done = watch, total, 0

    def add(self, count: int) -> None:
        """So many more are done. Raises Cancelled."""
        self.watch.check()
        self._done += count
        self.watch.reach(self._done / self._total)


def _read_strings(
    server: Server, keys: list[bytes], take: string_walk.Take, refusals: Refusals
) -> list[bytes]:
    """Read those of the keys that are strings, as most are. Returns the others."""
    walk = string_walk.StringWalk(server, keys, LIMITS)
    walk.run(take)
    for large in walk.skipped:
        refusals.add(large.key, WhyRefused.TOO_LARGE)
    return walk.missing


def _read_others(
    server: Server,
    by_type: dict[str, list[bytes]],
    how: HowRead,
    progress: _Progress,
    take: Callable[[str, list[Stored]], None],
) -> None:
    """Read the keys that are no strings."""
    for kind, some in by_type.items():
        for start in range(0, len(some), TOGETHER):
            piece = some[start : start + TOGETHER]
            for stored in BY_TYPE[kind].read(server, piece, how, progress.watch):
                take(kind, stored)
            progress.add(len(piece))


def _by_type(
    server: Server, keys: list[bytes], refusals: Refusals, index: Optional[Index]
) -> dict[str, list[bytes]]:
    """The keys that are no strings by type; those of types that hold no features are refused, those that are
    gone, or of no concern to an index, left out."""
    by_type: dict[str, list[bytes]] = {}
    kinds = sized.ask_all(sized.asker(server), [("TYPE", key) for key in keys])
    for key, said in zip(keys, kinds):
        if isinstance(said, Exception):
            raise said
        kind = text_of(said)
        if kind in BY_TYPE and index is not None and kind != _TYPES[index.kind]:
            continue
        if kind in BY_TYPE and kind != _STRING:
            by_type.setdefault(kind, []).append(key)
        elif kind != "none":  # an empty string has no length either
            refusals.add(key, WhyRefused.UNREADABLE if kind == _STRING else WhyRefused.ANOTHER_TYPE)
    return by_type


def _index(server: Server, source: str, keys: Sequence[bytes]) -> Optional[Index]:
    """The index of this name, where there is no such key; None where there is no such index either."""
    if "*" in source or server.bulk.exists(keys[0]):
        return None
    try:
        return indexes.describe(server, source)
    except (indexes.IndexProblem, StoreError):
        return None


def _heads(server: Server, index: Index) -> list[str]:
    """What the keys of an index begin with behind the tenant's prefix; none where all are of other tenants.

    A prefix may be longer than the tenant's, or shorter: then all keys of the tenant are in the index.
    """
    lead = server.settings.key_prefix
    prefixes = [prefix.rstrip("*") for prefix in index.prefixes or ("",)]
    return [prefix[len(lead) :] for prefix in prefixes if prefix.startswith(lead) or lead.startswith(prefix)]


def _keys_of(server: Server, heads: list[str], watch: Watch) -> list[bytes]:
    """The keys that begin with one of these texts, in their order, each once. A star within such a text is
    itself, and nothing that stands for others."""
    found: list[bytes] = []
    for head in heads:
        start = server.key(head)
        found += [key for key in find_keys(server, head + "*", watch) if key.startswith(start)]
    return _in_order(found)


def _by_index(request: ReadRequest, index: Index) -> ReadRequest:
    """How the keys of an index are read, by what it declares: which member is the geometry, and whether it
    holds degrees. Raises IndexProblem where it has no such member, or several and none was named."""
    place = index.geometry(request.geometry_field)
    is_point = place.type == indexes.GEO
    crs = request.crs or ("" if place.flat else DEGREES)
    form = request.format or ("lonlat" if is_point else "")
    return replace(request, geometry_field=place.path, crs=crs, format=form)


def _add_alike(
    reader: FeatureReader,
    patterns: Sequence[KeyPattern],
    keys: list[bytes],
    values: Sequence[Optional[bytes]],
) -> bool:
    """Hand strings to the reader together, where all are geometries of the commonest kind; False where they
    are not, and nothing was read."""
    raws = [value for value in values if value is not None]
    is_whole = len(raws) == len(keys) > 1
    return is_whole and reader.add_alike(keys, _idents_of(patterns, keys), raws)


def _add(reader: FeatureReader, patterns: Sequence[KeyPattern], stored: list[Stored], is_one: bool) -> None:
    """Hand values to the reader; small ones that are JSON are parsed many at a time."""
    for start in range(0, len(stored), PARSED):
        piece = stored[start : start + PARSED]
        raws = [one.value for one in piece if type(one.value) is bytes]
        idents = _idents(patterns, piece, is_one)
        is_bytes = len(raws) == len(piece) > 1
        if is_bytes and reader.add_alike([one.key for one in piece], idents, raws):
            continue
        values = decoded_many(raws) if is_bytes else None
        for place, (one, ident) in enumerate(zip(piece, idents)):
            if values is not None:
                reader.add(one.key, ident, values[place], one.part)
            elif type(one.value) is bytes:
                reader.add_raw(one.key, ident, one.value, one.part)
            elif isinstance(one.value, Refused):
                reader.refusals.add(one.key, one.value.reason, one.part)
            else:
                reader.add(one.key, ident, one.value, one.part, one.is_texts)


def _idents(patterns: Sequence[KeyPattern], stored: list[Stored], is_one: bool) -> list[str]:
    """``ident_of`` of many."""
    if len(patterns) == 1 and not any(one.part for one in stored):
        return _idents_of(patterns, [one.key for one in stored])
    return [ident_of(patterns, one, is_one) for one in stored]


def _idents_of(patterns: Sequence[KeyPattern], keys: list[bytes]) -> list[str]:
    """``ident_of`` of keys that hold one value each."""
    if len(patterns) == 1:
        return [ident or text_of(key) for ident, key in zip(patterns[0].idents(keys), keys)]
    return [ident_of(patterns, Stored(key, "", None), False) for key in keys]


def ident_of(patterns: Sequence[KeyPattern], stored: Stored, is_one: bool) -> str:
    """What tells a value apart as long as its key lives: the changing part of the key, and where in it."""
    if is_one and stored.part:
        return stored.part
    own = next(filter(None, [one.ident(stored.key) for one in patterns]), None) or text_of(stored.key)
    return f"{own}:{stored.part}" if stored.part else own


def _keep_latest(
    latest: dict[tuple[bytes, str], SetFeature], features: list[SetFeature], reader: FeatureReader
) -> None:
    """Of the entries of a stream the latest of each id, without rows that were deleted."""
    for gone in reader.gone:
        latest.pop(gone, None)
    reader.gone.clear()
    for feature in features:
        latest[feature.key, feature.id] = feature
