"""Publishing all features into one key, as one FeatureCollection.

What else the collection holds stays: its other members, features of other ids, and of several features of one
id all but the one that is changed. It is merged again when another client has changed it meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple, Optional

from ..geometry.walk import Unsound
from ..json_types import JsonObject, Value
from ..redis import production
from ..redis.guarded import WatchKeys, guarded
from ..redis.server import Server
from ..redis.types import Word
from ..watch import Watch
from . import crs_names
from .formats.geojson import crs_of
from .publish_requests import NotFeatures, PublishMode, PublishReport, PublishRequest
from .refusals import Refused, WhyRefused
from .values import LARGEST, decoded
from .writing import PublishRow, feature_json

_WRITTEN_ANEW = ("type", "features", "bbox", "measures")  # members of a collection


class _Member(NamedTuple):
    """A feature of the collection: its ``id`` as text, None for none, whether it is a text in the collection,
    and its JSON."""

    id: Optional[str]
    is_text: bool
    text: str


class _Collection(NamedTuple):
    """What stands under the key: the members besides its features, and these."""

    members: JsonObject
    features: list[_Member]


class _Merged(NamedTuple):
    """A collection to be written, and what becomes of the features of the old one."""

    features: list[str]
    changed: int
    kept: int
    gone: int


class CollectionPublisher:
    """Writes all features into one key, as one FeatureCollection; the methods of ``FeaturePublisher``."""

    def __init__(self, server: Server, request: PublishRequest, watch: Optional[Watch] = None):
        production.check(server.settings)
        self.server, self.request, self.watch = server, request, watch or Watch()
        self.report = PublishReport()
        self._key = server.key(request.template)
        self._texts: dict[str, str] = {}
        self._unwritten: set[str] = set()  # ids of refused features, which are in the layer all the same
        self._before = self._found()
        self._check_crs(self._before, self.request.mode is not PublishMode.REPLACE)
        self._known = set(self._before.features)

    def add(self, rows: Sequence[PublishRow]) -> None:
        """Check a block; it is written with ``finish``."""
        self.watch.check()
        for row in rows:
            if row.problem is not None or row.id in self._texts:
                self._refuse(row.id, row.problem or WhyRefused.DUPLICATE)
                continue
            try:
                self._texts[row.id] = feature_json(row, with_id=True)
            except (Refused, Unsound) as error:
                self._refuse(row.id, (error if isinstance(error, Refused) else Refused.of(error)).reason)

    def plan(self) -> int:
        """How many features will no longer be there."""
        return self._merged(self._before).gone

    def finish(self) -> PublishReport:
        """Write the collection in one step. Raises NotFeatures where it has become something else."""
        done = guarded(self.server, self._step)
        report = self.report
        report.deleted, report.changed, report.kept = done.gone, done.changed, done.kept
        report.added = len(self._texts) - done.changed - done.kept
        return report

    def abandon(self) -> None:
        """Nothing was written."""

    def _refuse(self, ident: str, reason: WhyRefused) -> None:
        self.report.refusals.add(self._key, reason, ident)
        self._unwritten.add(ident)

    def _step(self, watch: WatchKeys) -> tuple[list[Sequence[Word]], _Merged]:
        """What is written in the place of what stands there now."""
        self.watch.check()
        watch([self._key])
        found = self._found()
        merged = self._merged(found)
        is_replaced = self.request.mode is PublishMode.REPLACE
        rest = len(merged.features) > len(self._texts)  # features that are not the layer's
        self._check_crs(found, rest or not is_replaced)
        members = found.members
        if is_replaced and not _in_degrees(members):
            members = {name: one for name, one in members.items() if name not in ("crs", "coordRefSys")}
        head = json.dumps({"type": "FeatureCollection", **members}, ensure_ascii=False, separators=(",", ":"))
        value = head[:-1] + ',"features":[' + ",".join(merged.features) + "]}"
        ttl: tuple[Word, ...] = ("EX", self.request.ttl) if self.request.ttl else ()
        return [("SET", self._key, value.encode(), *ttl)], merged

    def _merged(self, found: _Collection) -> _Merged:
        """The features of a collection and of the layer together, the old ones in their order."""
        mode, texts = self.request.mode, self._texts
        mine = _places(found.features, texts)
        features, gone = [], 0
        for place, one in enumerate(found.features):
            if place in mine:
                features.append(one.text if mode is PublishMode.NEW else texts[mine[place]])
            elif mode is PublishMode.REPLACE and one in self._known and one.id not in self._unwritten:
                gone += 1
            else:  # of REPLACE: what was refused, and what others have written since
                features.append(one.text)
        there = set(mine.values())
        features += [text for ident, text in texts.items() if ident not in there]
        is_kept = mode is PublishMode.NEW
        return _Merged(features, 0 if is_kept else len(mine), len(mine) if is_kept else 0, gone)

    def _check_crs(self, found: _Collection, others: bool) -> None:
        """Raises NotFeatures where ``others``' features are in a CRS that the layer's are not written in."""
        if others and not _in_degrees(found.members):
            raise NotFeatures("string", crs_of(found.members) or crs_names.UNKNOWN)

    def _found(self) -> _Collection:
        """What is there. Raises NotFeatures where it is something else."""
        kind = bytes(self.server.bulk.type(self._key)).decode("utf-8", "replace")
        if kind == "none":
            return _Collection({}, [])
        size = self.server.bulk.strlen(self._key) if kind == "string" else 0
        if kind != "string" or size > LARGEST:
            raise NotFeatures(kind)
        raw = self.server.bulk.get(self._key)
        if raw is None:  # it went just now
            return _Collection({}, [])
        try:
            value = decoded(raw)
        except Refused as error:
            raise NotFeatures(kind) from error
        features = value.get("features") if isinstance(value, dict) else None
        if not isinstance(features, list) or value.get("type") != "FeatureCollection":
            raise NotFeatures(kind)
        measures = value.get("measures")
        members = {name: one for name, one in value.items() if name not in _WRITTEN_ANEW}
        return _Collection(members, [_member(one, measures) for one in features])


def _member(feature: Value, measures: Value) -> _Member:
    """A feature as it is kept; with the ``measures`` that the whole collection has (the layer's may have
    others)."""
    if not isinstance(feature, dict):
        return _Member(None, False, json.dumps(feature, ensure_ascii=False))
    if measures is not None:
        feature = {"measures": measures, **feature}
    ident = feature.get("id")
    text = json.dumps(feature, ensure_ascii=False)
    return _Member(None if ident is None else str(ident), isinstance(ident, str), text)


def _places(features: Sequence[_Member], texts: dict[str, str]) -> dict[int, str]:
    """The place of the feature that each of the layer's is, by its id: the first, one with a text as its id
    before one with a number."""
    best: dict[str, int] = {}
    for place, one in enumerate(features):
        if one.id is None or one.id not in texts:
            continue
        known = best.get(one.id)
        if known is None or (one.is_text and not features[known].is_text):
            best[one.id] = place
    return {place: ident for ident, place in best.items()}


def _in_degrees(members: JsonObject) -> bool:
    return bool(crs_names.in_degrees(crs_of(members)))
