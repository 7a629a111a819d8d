"""Finding sets of features: what indexes declare, families of keys whose values are read as such, and a look
at one before it is added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Optional

from ..live.discovery import MOST_FAMILIES, look_at_names
from ..live.key_patterns import KeyPattern
from ..live.own_keys import is_book
from ..live.reader import reading
from ..live.records import text_of
from ..live.sampling import fitting_family
from ..redis.failures import StoreError
from ..redis.redispy import exceptions
from ..redis.server import Server
from ..watch import Cancelled, Watch
from . import documents, indexes
from .indexes import Index, IndexField
from .reader import SetFeature
from .reading import FeatureSet, ReadRequest, Resolved, read_keys, resolve
from .refusals import WhyRefused
from .sources import BY_TYPE

SAMPLE = 200  # keys of a set that is looked at
NAMES_SHARE = 0.6  # of the progress
POINTS, LINES, POLYGONS, MIXED, NOTHING = "points", "lines", "polygons", "mixed", "nothing"
_KIND_OF = {1: POINTS, 2: LINES, 3: POLYGONS, 4: POINTS, 5: LINES, 6: POLYGONS}


@dataclass(frozen=True)
class FoundSet:
    """A pattern of ``keys`` that hold features, or the name of an index over them: of a sample how many of
    each kind of geometry (``kinds``).

    ``needs_crs``: its values do not name the CRS, which has to be asked. An ``index`` declares its ``place``:
    where in them the geometry stands; ``geometry_field`` names it where there are several.
    """

    source: str
    keys: int
    kinds: Counter[str]
    needs_crs: bool = False
    index: Optional[Index] = None
    place: Optional[IndexField] = None

    @property
    def geometry_field(self) -> str:
        """The place that has to be named."""
        is_one = self.index is None or len(self.index.geometries) == 1
        return "" if is_one or self.place is None else self.place.name


def find_sets(server: Server, pattern: str = "", watch: Optional[Watch] = None) -> list[FoundSet]:
    """The sets among all keys, or those of a pattern, the largest first. Values of a sample of each family
    are read. Raises redis-py's errors; what was found until it is cancelled is returned."""
    watch = watch or Watch()
    found: list[FoundSet] = []
    with reading(server.settings) as reader:
        groups = look_at_names(reader, pattern, watch.part(NAMES_SHARE)).groups
        likely = [one for one in sorted(groups, key=lambda one: -one.count) if one.type in BY_TYPE]
        for number, family in enumerate(likely[:MOST_FAMILIES]):
            if watch.cancelled():
                break
            share = (1.0 - NAMES_SHARE) / len(likely)
            watch.reach(NAMES_SHARE + share * number)
            keys = fitting_family(reader, family, []).keys
            try:
                resolved = resolve(server, ReadRequest(family.pattern), [server.key(family.pattern)])
                sample = read_keys(server, resolved, keys, watch.part(share), "*" not in family.pattern)
            except Cancelled:
                break
            except exceptions.ResponseError:  # no right to read these, or another type by now
                continue
            needs_crs, kinds = _judged(sample)
            good = sum(count for kind, count in kinds.items() if kind != NOTHING)
            if needs_crs or good > sample.refusals.total:
                found.append(FoundSet(family.pattern, family.count, kinds, needs_crs))
    return found


def find_declared(server: Server, watch: Optional[Watch] = None) -> list[FoundSet]:
    """The sets that indexes of the query engine declare, one for each place among their fields, by name: of
    those that a request can name, with keys of this tenant.

    Raises what ``indexes.find`` raises; what was found until it is cancelled is returned.
    """
    watch = watch or Watch()
    found: list[FoundSet] = []
    looks = _Looks(server, watch)
    places = [(index, place) for index in indexes.find(server) for place in index.geometries]
    for number, (index, place) in enumerate(places):
        watch.reach(number / len(places))
        one = FoundSet(index.name, index.documents + index.failures, Counter(), False, index, place)
        request = ReadRequest(index.name, geometry_field=one.geometry_field)
        try:
            watch.check()
            resolved = resolve(server, request, [server.key(index.name)])
            if resolved.declared is None or not resolved.heads:
                continue
            keys = looks.keys_of(resolved) if one.keys or index.done < 1.0 else []
            sample = read_keys(server, resolved, keys, watch.part(1.0 / len(places)), False)
        except Cancelled:
            return found
        except (exceptions.ResponseError, StoreError, indexes.IndexProblem):  # dropped, or no right
            continue
        needs_crs, kinds = _judged(sample)
        found.append(replace(one, kinds=kinds, needs_crs=needs_crs))
    return found


def declared_or_why_not(
    server: Server, watch: Optional[Watch] = None
) -> tuple[list[FoundSet], Optional[Exception]]:
    """``find_declared``, or none and why not: there is no query engine, no right to ask it, or it refuses.
    Raises redis-py's errors of a server that is away."""
    try:
        return find_declared(server, watch), None
    except (indexes.IndexProblem, StoreError, exceptions.ResponseError) as error:
        return [], error


def _judged(sample: FeatureSet) -> tuple[bool, Counter[str]]:
    """Whether the CRS of most keys has to be asked, and the kinds of geometry."""
    return 2 * sample.refusals.reasons[WhyRefused.NO_CRS] > sample.keys, kinds_of(sample.features)


def look_at(server: Server, request: ReadRequest, watch: Optional[Watch] = None) -> FeatureSet:
    """The features under some keys of a request. Raises as ``reading.read_features``."""
    watch = watch or Watch()
    first = server.key(request.source)
    resolved = resolve(server, request, [first])
    keys = _Looks(server, watch).keys_of(resolved)
    return read_keys(server, resolved, keys, watch, resolved.declared is None and "*" not in request.source)


class _Looks:
    """Some of the keys of requests: those of an index as the engine has them, and only where it has none of
    this tenant by a walk through all keys, which is made once for all that begin alike."""

    def __init__(self, server: Server, watch: Watch):
        self._server, self._watch = server, watch
        self._indexed: dict[str, list[bytes]] = {}
        self._walks: dict[tuple[str, ...], list[bytes]] = {}

    def keys_of(self, resolved: Resolved) -> list[bytes]:
        """Some of the keys of a request. Raises redis-py's errors, and Cancelled."""
        source = resolved.request.source
        if resolved.declared is None:
            return self._walk(resolved) if "*" in source else [self._server.key(source)]
        if source not in self._indexed:
            self._indexed[source] = self._of_index(source, resolved.heads)
        if self._indexed[source]:
            return self._indexed[source]
        heads = tuple(resolved.heads)
        if heads not in self._walks:
            self._walks[heads] = self._walk(resolved)
        return self._walks[heads]

    def _of_index(self, name: str, heads: list[str]) -> list[bytes]:
        starts = tuple(self._server.key(head) for head in heads)
        try:
            found = documents.some_keys(self._server, name, SAMPLE)
        except (exceptions.ResponseError, StoreError, indexes.IndexProblem):  # no right to ask that
            return []
        return [key for key in found if key.startswith(starts)]

    def _walk(self, resolved: Resolved) -> list[bytes]:
        return list(dict.fromkeys(islice(_walked(self._server, resolved, self._watch), SAMPLE)))


def _walked(server: Server, resolved: Resolved, watch: Watch) -> Iterator[bytes]:
    lead = len(server.settings.key_prefix.encode())
    sources = [head + "*" for head in resolved.heads] if resolved.declared else [resolved.request.source]
    for source in sources:
        glob, own = KeyPattern(source, server.settings.key_prefix).glob, is_book(source.rstrip("*"))
        start = server.key(source[:-1]) if resolved.declared else b""
        for key in server.scan(glob, watch=watch):
            if key.startswith(start) and (own or not is_book(text_of(key[lead:]))):
                yield key


def kinds_of(features: Iterable[SetFeature]) -> Counter[str]:
    """How many features there are of each kind of geometry."""
    found: Counter[str] = Counter()
    for one in features:
        code = int.from_bytes(one.wkb[1:5], "little") % 1000 if one.wkb is not None else 0
        found[_KIND_OF.get(code, MIXED) if code else NOTHING] += 1
    return found
