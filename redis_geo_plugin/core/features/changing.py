"""What an edit changes in the value that its feature was read from: a path for each member, and its new
value, of the type that the old one had."""

from __future__ import annotations

import json
from typing import Optional

from ..geometry import build, lists
from ..geometry.build import MULTI, Mended
from ..geometry.normal import extents, kind_and_dimensions, normal
from ..geometry.walk import COLLECTION
from ..json_types import Value
from ..live import moments
from . import crs_names
from .edits import Edit, FeatureView
from .formats.base import NewShape, Path
from .reader import Origin, SetFeature
from .refusals import Refused, WhyRefused
from .splicing import GONE, OPEN, Leaf, at
from .telling import CRS_NAMES

Change = list[tuple[Path, Leaf]]
NO_LONGER: Change = []  # the whole value is to go
_ABSENT = object()


def change_of(edit: Edit, feature: SetFeature, origin: Origin, value: Value, view: FeatureView) -> Change:
    """The members that an edit changes.

    Args:
        edit: what was done to the feature.
        feature: the feature as it stands on the server.
        origin: where it stands in its value.
        value: that, decoded.
        view: how the layer shows it.

    Raises:
        Refused, Unsound: it cannot be written as the edit has it; nothing of it is.
    """
    if origin.is_event:
        raise Refused(WhyRefused.ENTRY)
    is_part = feature.wkb is not None and kind_and_dimensions(feature.wkb)[0] == COLLECTION
    if is_part and (edit.is_moved or edit.is_deleted):
        raise Refused(WhyRefused.DERIVED)
    if edit.is_deleted:
        if origin.is_part:  # the others would go with it
            raise Refused(_why_not(origin, WhyRefused.DERIVED))
        whole = origin.whole
        while whole and whole[-1] == OPEN:  # the text that holds it goes with it
            whole = whole[:-1]
        return [(whole, GONE)] if whole else NO_LONGER
    changes: Change = []
    if edit.is_moved:
        changes += _shape(edit, feature, origin, value, view)
    for name, new in edit.attributes.items():
        path = _attribute_at(name, origin, value)
        changes += _attribute(path, feature, name, new, value)
    return changes


def _why_not(origin: Origin, why: WhyRefused) -> WhyRefused:
    """Why a feature cannot be changed: as its format is only read, else for the given reason."""
    return why if origin.format is None or origin.format.is_written else WhyRefused.ONLY_READ


def _shape(edit: Edit, feature: SetFeature, origin: Origin, value: Value, view: FeatureView) -> Change:
    form = origin.format
    if form is None:
        raise Refused(WhyRefused.NOT_WRITTEN)
    source = at(value, origin.at)
    path = form.geometry_at(source)
    raw = view.placed(edit, feature.crs)
    wkb = None if raw is None else _like(feature.wkb, _sound(raw, feature.crs))
    changes: Change = [((*origin.at, *path), Leaf(form.writes(NewShape(_or(source, path), wkb, source))))]
    inner = origin.found.at
    before = origin.at[: len(origin.at) - len(inner)]
    for stale in form.stale_at(inner):
        if _or(value, (*before, *stale), _ABSENT) is not _ABSENT:
            changes.append(((*before, *stale), GONE))
    return changes


def _sound(raw: bytes, crs: str) -> bytes:
    """A geometry in the one form. Raises Unsound, and Refused for one beyond the globe."""
    wkb = normal(raw, Mended()).wkb
    shape = lists.unfolded(wkb)
    known = lists.known(shape)  # layers have a Z or M for all where one has it
    wkb = wkb if known is shape else build.geometry(known.kind, known.content, known.dimensions, Mended())
    if crs_names.in_degrees(crs):
        west, south, east, north = extents([wkb])[0].tolist()
        if west < -180.0 or east > 180.0 or south < -90.0 or north > 90.0:
            raise Refused(WhyRefused.OUT_OF_RANGE)
    return wkb


def _like(old: Optional[bytes], wkb: bytes) -> bytes:
    """One part of several as a geometry of its own, where the old one was that: layers have several alike."""
    kind = kind_and_dimensions(wkb)[0]
    was_multi = old is not None and kind_and_dimensions(old)[0] in MULTI.values()
    is_one = kind in MULTI.values() and int.from_bytes(wkb[5:9], "little") == 1
    return wkb[9:] if is_one and not was_multi else wkb


def _attribute_at(name: str, origin: Origin, value: Value) -> Path:
    """Where an attribute stands, or would stand. Raises Refused where it is none of the feature's own."""
    if not name:  # those beyond the fields that a layer has
        raise Refused(WhyRefused.DERIVED)
    source = at(value, origin.at)
    own = origin.format.attribute_at(source, name) if origin.format is not None else None
    if own is not None and (origin.document is None or _or(source, own, _ABSENT) is not _ABSENT):
        return (*origin.at, *own)
    if origin.document is None:
        raise Refused(_why_not(origin, WhyRefused.NOT_WRITTEN))
    document = at(value, origin.document)
    if own is not None and name not in document:
        return (*origin.at, *own)
    if origin.is_one:
        raise Refused(WhyRefused.SHARED)
    path = (*origin.document, name)
    if origin.at[: len(path)] == path or name.lower() in CRS_NAMES:  # it holds the geometry, or says its CRS
        raise Refused(WhyRefused.DERIVED)
    return path


def _attribute(path: Path, feature: SetFeature, name: str, new: Value, value: Value) -> Change:
    old = _or(value, path, _ABSENT)
    if new is None:
        if old is _ABSENT or old is None:
            return []
        return [(path, GONE if feature.texts else Leaf(None))]
    return [(path, Leaf(_alike(old, feature.attributes.get(name), new, feature.texts)))]


def _alike(old: Value, shown: Value, new: Value, texts: bool) -> Value:
    """A new value of the type of the old one, which the layer may have shown as another."""
    if isinstance(old, bytes):
        raise Refused(WhyRefused.DERIVED)
    if isinstance(old, (dict, list)):
        made = _parsed(new)
        if type(made) is not type(old):
            raise Refused(WhyRefused.NOT_WRITTEN)
        return made
    if isinstance(old, str) or (texts and (old is _ABSENT or old is None)):
        return _as_text(old, new)
    if type(old) in (int, float):
        return _number(old, shown, new)
    if type(old) is bool and isinstance(new, str) and new.lower() in ("true", "false"):
        return new.lower() == "true"
    return new


def _as_text(old: Value, new: Value) -> str:
    if isinstance(new, str):
        return new
    text = json.dumps(new, ensure_ascii=False)
    return text.capitalize() if isinstance(new, bool) and old in ("True", "False") else text


def _number(old: Value, shown: Value, new: Value) -> Value:
    if isinstance(new, float) and type(old) is int and new.is_integer():
        return int(new)
    if not isinstance(new, str):
        return new
    if isinstance(shown, str):  # a moment of Esri's, in milliseconds
        moment = moments.parse(new)
        if moment is None:
            raise Refused(WhyRefused.NOT_WRITTEN)
        return round(moment * 1000)
    made = _parsed(new)
    return made if type(made) in (int, float) else new


def _parsed(text: Value) -> Value:
    try:
        return json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError):
        return None


def _or(value: Value, path: Path, none: Value = None) -> Value:
    """What stands at a path, or nothing."""
    try:
        return at(value, path)
    except KeyError:
        return none
