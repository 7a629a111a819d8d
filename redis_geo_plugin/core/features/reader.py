"""Features out of values: told, read, checked, the bad ones refused alone."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

import numpy as np

from ..geometry import normal, walk
from ..geometry.build import Mended
from ..json_types import JsonObject, Value
from ..live.paths import lookup
from . import crs_names, formats, splicing, telling
from .formats.base import FeatureFormat, FoundFeature, Path, own_id
from .refusals import Refusals, Refused, WhyRefused
from .splicing import OPEN
from .telling import GeometryPlace, Gone
from .values import decoded, object_in

_log = logging.getLogger("redis_geo")
_FIVE, _SIX, _WKB = "polyline5", "polyline6", "wkb"
_NOTHING: JsonObject = {}  # the attributes of those that have none, shared
_LONG = {"FeatureCollection": "features", "Topology": "arcs"}  # of JSON that holds many features
_MOST_SHAPES = 1000  # of documents of which it is remembered where the geometry is
_names: dict[tuple[str, ...], tuple[str, ...]] = {}  # of attributes, each once


class SetFeature:
    """A feature of a set.

    ``key`` is the key it stands under and ``id`` what tells it apart as long as that lives; ``wkb``
    little-endian ISO WKB or None, in the CRS of this name; the ``attributes`` are bare texts of a hash where
    ``texts``.
    """

    __slots__ = ("_names", "_values", "crs", "id", "key", "texts", "wkb")

    def __init__(
        self, key: bytes, ident: str, wkb: Optional[bytes], crs: str, attributes: JsonObject, texts: bool
    ):
        self.key, self.id, self.wkb, self.crs = key, ident, wkb, crs
        self.texts = texts
        self._names: tuple[str, ...] = ()
        self._values: tuple[object, ...] = ()
        if attributes:
            names = tuple(attributes)
            self._names = _names.get(names, names)
            if self._names is names and len(_names) < _MOST_SHAPES:
                _names[names] = names
            self._values = tuple(attributes.values())

    @property
    def has_attributes(self) -> bool:
        """Whether it holds anything else."""
        return bool(self._names)

    @property
    def attributes(self) -> JsonObject:
        """What else it holds, in a dict of one's own. It is kept in a third of a dict's memory: those of a
        set share their names."""
        return dict(zip(self._names, self._values))

    def __repr__(self) -> str:
        return f"SetFeature({self.key!r}, {self.id!r}, {self.crs!r})"


@dataclass
class Origin:
    """Where a feature stands in the value that it was read from.

    ``at`` leads to what its ``format`` read it from (None: it says that it has no geometry), ``document`` to
    the object with its other attributes (None: there is none), ``whole`` to what is it and nothing else.
    ``is_one`` of several that have the document together; ``is_part`` of several in what is ``whole``, which
    cannot go without the others; ``is_event`` in the telling of a change.
    """

    found: FoundFeature
    format: Optional[FeatureFormat]
    at: Path
    document: Optional[Path] = None
    whole: Path = ()
    is_one: bool = False
    is_part: bool = False
    is_event: bool = False

    def below(self, path: Path) -> Origin:
        """The same in a value that holds this one at a path."""
        self.at, self.whole = path + self.at, path + self.whole
        if self.document is not None:
            self.document = path + self.document
        return self


class FeatureReader:
    """Reads the values of one set, one after the other, and judges them together.

    Args:
        wanted: the name of the format; empty: told by the bytes of each value.
        geometry_field: the member with the geometry, a path; empty: found.
        id_field: the attribute that identifies; empty: the feature's own id, else where it stands.
        crs: the CRS of values that name none; empty: those are refused.
    """

    def __init__(self, wanted: str = "", geometry_field: str = "", id_field: str = "", crs: str = ""):
        self.refusals = Refusals()
        self.mended = Mended()
        self.gone: list[tuple[bytes, str]] = []  # rows that a change says were deleted
        self.has_six = False  # a line of six decimals was read, or is known to be in the set
        self._wanted = formats.get(wanted)
        self._field, self._id_field, self._crs = geometry_field, id_field, crs
        self._pending: list[SetFeature] = []
        self._good: list[SetFeature] = []  # that were added before these, and are in order
        self._weak: list[SetFeature] = []
        self._was_weak = self._saw_weak = False
        self._lines: list[tuple[SetFeature, str]] = []  # read with five decimals
        self._is_six = False  # the last line has six decimals
        self._kept: list[tuple[SetFeature, FoundFeature]] = []  # of the same value
        self._values = 0
        self._origins: Optional[list[Origin]] = None  # of the features of the value that is being read
        self._places: dict[tuple[str, ...], tuple[tuple[str, ...], FeatureFormat]] = {}

    def add_raw(self, key: bytes, ident: str, raw: bytes, part: str = "") -> None:
        """Read the bytes of a value. ``ident`` is the id of what is read where it has none of its own."""
        try:
            value = decoded(raw)
        except Refused as refused:
            self.refusals.add(key, refused.reason, part, raw)
            return
        self.add(key, ident, value, part)
        if not self._field and (self._wanted is None or self._wanted.tells(value)):
            _let_go(value)

    def add_alike(self, keys: Sequence[bytes], idents: Sequence[str], raws: Sequence[bytes]) -> bool:
        """Read many values at once where all are WKB of the commonest kind, in a tenth of the time; False
        where they are not, and nothing was read."""
        if self._field or not (self._wanted is None or self._wanted.NAME == _WKB):
            return False
        found = normal.same_rings(raws)
        if found is None:
            return False
        crs = crs_names.of_srid(found.srid)
        self._values += len(keys)
        features = [
            SetFeature(key, ident, wkb, crs, _NOTHING, False)
            for key, ident, wkb in zip(keys, idents, found.wkbs)
        ]
        is_good = found.in_degrees and crs_names.is_known(crs) and not self._pending
        (self._good if is_good else self._pending).extend(features)
        return True

    def add(self, key: bytes, ident: str, value: Value, part: str = "", texts: bool = False) -> None:
        """Read a value that was decoded; nothing is raised for whatever it holds."""
        self._values += 1
        opened = object_in(value) if isinstance(value, str) else None  # JSON that was written as JSON again
        value = value if opened is None else opened
        try:
            found = self._found(value)
            if opened is not None:
                self._opened()
        except Gone as gone:
            row = key, self._id_of(gone.before) or ident
            self._pending = [one for one in self._pending if (one.key, one.id) != row]
            self.gone.append(row)
            return
        except Refused as refused:
            self.refusals.add(key, refused.reason, part, _shown(value))
            return
        except walk.Unsound as error:
            self.refusals.add(key, Refused.of(error).reason, part, _shown(value))
            return
        except Exception:
            _log.debug("a value could not be read", exc_info=True)
            self.refusals.add(key, WhyRefused.UNREADABLE, part, _shown(value))
            return
        self._keep(key, ident, found, part, texts, isinstance(value, str))

    def _opened(self) -> None:
        """Where the features stand, in a text of JSON that is the whole value."""
        for origin in self._origins or ():
            is_all = not origin.whole
            origin.below((OPEN,))
            origin.whole = () if is_all else origin.whole

    def origins(
        self, key: bytes, ident: str, value: Value, texts: bool = False
    ) -> list[tuple[SetFeature, Origin]]:
        """The features of one decoded value, each with its origin, judged by this value alone but for
        ``has_six``. For a reader of its own."""
        self._origins, self._kept, self._lines, self._values = [], [], [], 0
        self.add(key, ident, value, texts=texts)
        good = {id(one) for one in [*self.take(), *self.finish()]}
        by_found = {id(one.found): one for one in self._origins}
        if self.has_six:
            for origin in self._origins:
                origin.format = formats.get(_SIX) if origin.found.line else origin.format
        return [(one, by_found[id(found)]) for one, found in self._kept if id(one) in good]

    def take(self) -> list[SetFeature]:
        """The good ones of what was added since the last time. Those of a weak format wait for ``finish``."""
        pending, self._pending = self._pending, []
        good, self._good = self._good, []
        return good + self._checked(pending) if pending else good

    def finish(self) -> list[SetFeature]:
        """What waited until all values were seen; lines that turned out to have six decimals are mended in
        place."""
        if self.has_six:
            for feature, text in self._lines:
                again = formats.get(_SIX)
                assert again is not None
                feature.wkb = again.read(text, self.mended)[0].wkb
        weak, self._weak = self._weak, []
        if 2 * len(weak) < self._values:
            for feature in weak:
                self.refusals.add(feature.key, WhyRefused.UNREADABLE, feature.id)
            weak = []
        self._pending += weak
        return self.take()

    @property
    def judged_together(self) -> bool:
        """Whether what one of the values is taken for depends on the others: encoded polylines, whose number
        of decimals nothing says."""
        return self._saw_weak or bool(self._lines)

    # -- one value -----------------------------------------------------------------------------------------

    def _found(self, value: Value) -> Sequence[FoundFeature]:
        row = telling.changed_row(value)
        if row is not value:
            found = self._of_row(row)
            for origin in self._origins or ():
                origin.is_event = True
            return found
        return self._of_row(row)

    def _of_row(self, value: Value) -> Sequence[FoundFeature]:
        if isinstance(value, list) and self._wanted is None:
            return self._listed(value)
        told = self._wanted if self._wanted is not None and not self._field else None
        if told is not None and not (isinstance(value, dict) and not told.tells(value)):
            return self._read(told, value)
        if not self._field:
            told = formats.told(value)
            if told is not None and (told is self._wanted or self._wanted is None):
                return self._read(told, value)
        if isinstance(value, dict):
            return self._document(value)
        raise Refused(WhyRefused.UNREADABLE)

    def _listed(self, values: list[Value]) -> Sequence[FoundFeature]:
        """Features, geometries or documents in one list; one that is bad is refused alone."""
        if not values or not all(isinstance(one, (dict, str)) for one in values):
            raise Refused(WhyRefused.UNREADABLE)
        found: list[FoundFeature] = []
        for number, one in enumerate(values):
            before = len(self._origins or ())
            try:
                inner = object_in(one) if isinstance(one, str) else None
                found += self._found(one if inner is None else inner)
                for origin in (self._origins or ())[before:]:
                    origin.below((number,) if inner is None else (number, OPEN))
            except Refused as refused:
                found.append(FoundFeature(None, problem=refused))
            except walk.Unsound as error:
                found.append(FoundFeature(None, problem=Refused.of(error)))
        if all(one.problem is not None and one.problem.reason is WhyRefused.UNREADABLE for one in found):
            raise Refused(WhyRefused.UNREADABLE)
        return found

    def _document(self, record: JsonObject) -> Sequence[FoundFeature]:
        """The features of a document, each with the document's other members as attributes."""
        shape = tuple(record)
        known = self._places.get(shape)
        place = telling.place_again(record, *known) if known is not None else None
        if place is None:
            if self._field:
                place = telling.named_place(record, self._field, self._wanted)
            else:
                place = telling.place_in(record, self._wanted)
            if place.format is not None and not self._field and len(self._places) < _MOST_SHAPES:
                self._places[shape] = place.path, place.format
        beside = telling.attributes_beside(record, place.path)
        if place.format is None:
            return self._with_origins([FoundFeature(None, telling.crs_beside(record), beside)], record, place)
        found = self._with_origins(self._read(place.format, place.value), record, place)
        for one in found:
            one.crs = one.crs or telling.crs_beside(record)
            one.attributes = {**beside, **one.attributes} if one.attributes else beside
        return found

    def _read(self, told: FeatureFormat, value: Value) -> Sequence[FoundFeature]:
        found = self._read_by(told, value)
        if self._origins is not None:
            six = formats.get(_SIX) if self._is_six else told
            several = len(found) > 1
            self._origins += [
                Origin(one, six, one.at, whole=one.at, is_part=several and not one.at) for one in found
            ]
        return found

    def _read_by(self, told: FeatureFormat, value: Value) -> Sequence[FoundFeature]:
        self._is_six = False
        self._was_weak = told.IS_WEAK
        try:
            found = told.read(value, self.mended)
        except Refused as refused:
            if (
                told.NAME != _FIVE
                or self._wanted is not None
                or refused.reason is not WhyRefused.OUT_OF_RANGE
            ):
                raise
            six = formats.get(_SIX)
            assert six is not None
            self.has_six = self._is_six = True
            return six.read(value, self.mended)
        if told.NAME == _SIX and self._wanted is None:
            self.has_six = True
        if told.NAME == _FIVE and self._wanted is None and isinstance(value, str):
            found[0].line = value
        return found

    def _with_origins(
        self, found: Sequence[FoundFeature], record: JsonObject, place: GeometryPlace
    ) -> Sequence[FoundFeature]:
        """The features at a place of a document; where they come from is remembered where that is asked."""
        if self._origins is None:
            return found
        path: Path = place.path
        if splicing.at(record, path) is not place.value:
            path = (*path, OPEN)
        known = {id(one.found): one for one in self._origins}
        for one in found:
            origin = known.get(id(one))
            if origin is None:
                self._origins.append(Origin(one, None, place.path, ()))
                continue
            is_listed = bool(origin.whole)  # in a collection
            origin.below(path)
            origin.document, origin.is_one = (), len(found) > 1
            if not is_listed:
                origin.whole = ()
        return found

    # -- judging -------------------------------------------------------------------------------------------

    def _keep(
        self, key: bytes, ident: str, found: Sequence[FoundFeature], part: str, texts: bool, bare: bool
    ) -> None:
        """Keep the features of a value, ``bare`` where it was nothing but a text."""
        several = len(found) > 1
        for number, one in enumerate(found):
            own = self._id_of(one.attributes) or one.id
            here = own or (f"{ident}:{number}" if several else ident)
            if one.problem is not None:
                self.refusals.add(key, one.problem.reason, one.id or (str(number) if several else part))
                continue
            feature = SetFeature(key, here, one.wkb, one.crs, one.attributes, texts)
            if self._origins is not None:
                self._kept.append((feature, one))
            if one.line:
                self._lines.append((feature, one.line))
            if bare and self._wanted is None and self._was_weak:
                self._weak.append(feature)
                self._saw_weak = True
                continue
            self._pending.append(feature)

    def _id_of(self, attributes: JsonObject) -> str:
        if not self._id_field:
            return ""
        return own_id(lookup(attributes, self._id_field))

    def _checked(self, features: list[SetFeature]) -> list[SetFeature]:
        """Those with a CRS, within it."""
        said = {feature.crs for feature in features if feature.wkb is not None}
        if all(crs and crs != crs_names.UNKNOWN and crs_names.is_known(crs) for crs in said):
            return self._within(features)
        found: list[SetFeature] = []
        for feature in features:
            if feature.wkb is None:
                found.append(feature)
                continue
            if self._crs and feature.crs in ("", crs_names.UNKNOWN):
                feature.crs = self._crs
            if not feature.crs:
                self._refuse(feature, WhyRefused.NO_CRS)
            elif not crs_names.is_known(feature.crs):
                self._refuse(feature, WhyRefused.UNKNOWN_CRS)
            else:
                found.append(feature)
        return self._within(found)

    def _within(self, features: list[SetFeature]) -> list[SetFeature]:
        """Those whose coordinates are numbers, and degrees on the globe where they are degrees."""
        wkbs = [feature.wkb for feature in features if feature.wkb is not None]
        if not wkbs or normal.are_within(wkbs, normal.LOWEST, normal.HIGHEST):
            return features
        extents = normal.extents(wkbs)
        finite = np.isfinite(extents).all(axis=1).tolist()
        low, high = extents.min(axis=0), extents.max(axis=0)
        inside = ((extents[:, [0, 1]] >= (-180.0, -90.0)) & (extents[:, [2, 3]] <= (180.0, 90.0))).all(axis=1)
        if all(finite) and low[0] >= -180.0 and low[1] >= -90.0 and high[2] <= 180.0 and high[3] <= 90.0:
            return features
        found, place = [], 0
        for feature in features:
            if feature.wkb is None:
                found.append(feature)
                continue
            if not finite[place] and walk.problem(feature.wkb):
                self._refuse(feature, WhyRefused.NOT_FINITE)
            elif finite[place] and not inside[place] and crs_names.in_degrees(feature.crs):
                self._refuse(feature, WhyRefused.OUT_OF_RANGE)
            else:
                found.append(feature)
            place += 1
        return found

    def _refuse(self, feature: SetFeature, reason: WhyRefused) -> None:
        self.refusals.add(feature.key, reason, feature.id)


def _let_go(value: Value) -> None:
    """Let go of a collection that was read, feature by feature: Python keeps its lock, for which the window
    waits, while it lets go of all of them in one step."""
    long = value if isinstance(value, list) else None
    if isinstance(value, dict) and value.get("type") in _LONG:
        long = value.get(_LONG[value["type"]])
    while isinstance(long, list) and long:
        long.pop()


def _shown(value: Value) -> Value:
    """What of a value is kept with its refusal."""
    return value if isinstance(value, (bytes, str)) else str(value)[:400]
