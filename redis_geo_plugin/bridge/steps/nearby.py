"""The way *nearby*, and *rows* of algorithms that are not made of single features.

The key of a feature holds itself and the features of the other layer whose boxes meet its own, so that a
change of the other layer reaches only what lies near it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Callable, Optional

from qgis.core import QgsCoordinateTransform, QgsCsException, QgsFeature, QgsSpatialIndex

from ...core.steps import costs
from ..i18n import tr
from .canonical import ParameterValues
from .layers import feature_bytes, head_of
from .step_run import StepRun, of_head
from .tagged import AT_ONCE, TAG, Overlay, Tagged, TaggedItem, TaggedLayer
from .uncached import Cheap, Uncached

_MARGIN = 1e-9  # of the boxes, for coordinates that are rounded on their way
NON_MATCHING, JOINED_COUNT = "NON_MATCHING", "JOINED_COUNT"


@dataclass(frozen=True)
class NearbyAlgorithm:
    """How an algorithm is run nearby.

    ``overlay`` is the parameter of the other layer, empty for none; ``whole_overlay`` says that a feature may
    depend on any of its features; ``fits`` that the parameters allow the way at all; ``by_overlay`` that
    outputs come in the order of the first feature of the overlay whose box they meet; ``also`` names outputs
    that are needed for the counts.
    """

    layer: TaggedLayer
    overlay: str = ""
    whole_overlay: bool = False
    by_overlay: bool = False
    fits: Callable[[ParameterValues], bool] = lambda _parameters: True
    also: tuple[str, ...] = ()


def _with_tag(name: str) -> Callable[[ParameterValues], ParameterValues]:
    """Let the tag pass where only some fields of the input do."""

    def changes(parameters: ParameterValues) -> ParameterValues:
        chosen = parameters.get(name)
        if not chosen:
            return {}
        return {name: [*(chosen if isinstance(chosen, (list, tuple)) else str(chosen).split(";")), TAG]}

    return changes


def _no_disjoint(parameters: ParameterValues) -> bool:
    chosen = parameters.get("PREDICATE", 0)
    return 2 not in [int(one) for one in (chosen if isinstance(chosen, (list, tuple)) else [chosen])]


ALGORITHMS = {
    "native:buffer": NearbyAlgorithm(
        TaggedLayer("INPUT"), fits=lambda p: not p.get("DISSOLVE") and not p.get("SEPARATE_DISJOINT")
    ),
    "native:intersection": NearbyAlgorithm(
        TaggedLayer("INPUT", _with_tag("INPUT_FIELDS"), new_ids=True), "OVERLAY"
    ),
    "native:difference": NearbyAlgorithm(TaggedLayer("INPUT"), "OVERLAY"),
    "native:clip": NearbyAlgorithm(TaggedLayer("INPUT"), "OVERLAY", whole_overlay=True, by_overlay=True),
    "native:countpointsinpolygon": NearbyAlgorithm(TaggedLayer("POLYGONS"), "POINTS"),
    "native:extractbylocation": NearbyAlgorithm(TaggedLayer("INPUT"), "INTERSECT", fits=_no_disjoint),
    "native:joinattributesbylocation": NearbyAlgorithm(
        TaggedLayer("INPUT", new_ids=True),
        "JOIN",
        fits=lambda p: _no_disjoint(p) and p.get("METHOD", 0) in (0, 2),
        also=(NON_MATCHING,),
    ),
}


class Nearby:
    """One step by this way."""

    def __init__(self, run: StepRun):
        self._run = run
        self._way = ALGORITHMS[run.algorithm.id()]
        if not self._way.fits(run.parameters):
            raise Uncached(tr("With these parameters a feature depends on others."))
        self._source = run.source(self._way.layer.source)
        self._exotic = head_of(self._source).exotic
        canonical = run.canonical()
        self._overlay, self._index = Overlay(), QgsSpatialIndex()
        self._digests: list[Optional[bytes]] = []
        heads = [of_head(self._source, True)]
        if self._way.overlay:
            heads.append(of_head(run.source(self._way.overlay), True))
            self._read_overlay()
        also = (*self._way.also, "OUTPUT") if self._way.also else ()
        names = list(dict.fromkeys((*run.sinks(), *also)))
        self._tagged = Tagged(run, self._way.layer, head_of(self._source), self._overlay, names)
        self._base = run.base_key("nearby", canonical, heads)
        if self._way.whole_overlay:
            for i in range(len(self._overlay.features)):
                self._base.update(self._digest_of(i))

    def compute(self) -> dict[str, object]:
        """Write the outputs and return their identifiers. Raises Uncached where computing is quicker than
        looking up, before anything is written."""
        run, batches = self._run, self._items()
        first = list(islice(batches, costs.SAMPLE))
        self._tagged.obtain(first, self._base)
        if len(first) == costs.SAMPLE and not costs.rows_pay([one.cost_us for one in first]):
            raise Cheap
        sinks, identifiers = self._tagged.open()
        done, matched, total = 0, 0, max(self._source.count, 1)
        for some in self._batches(first, batches):
            self._tagged.obtain([one for one in some if one.outputs is None], self._base)
            self._tagged.write(some, sinks)
            matched += self._matched(some)
            done += len(some)
            run.watch.reach(done / total)
            run.watch.check()
        if NON_MATCHING in self._way.also:
            identifiers[JOINED_COUNT] = matched
        return identifiers

    def _matched(self, items: list[TaggedItem]) -> int:
        """What the algorithm counts as joined: features, or pairs of features where it goes through the other
        layer, as it does where that has no more features than the input."""
        joined = [
            one.outputs for one in items if one.outputs is not None and not one.outputs.get(NON_MATCHING)
        ]
        if NON_MATCHING not in self._way.also or self._run.parameters.get("METHOD", 0) != 0:
            return len(joined)
        if 0 < self._source.count < self._run.source(self._way.overlay).count:
            return len(joined)
        return sum(len(one.get("OUTPUT", ())) for one in joined)

    def _batches(self, first: list[TaggedItem], items: Iterator[TaggedItem]) -> Iterator[list[TaggedItem]]:
        """What is computed and written at once."""
        if self._way.by_overlay:
            rest = list(items)
            self._tagged.obtain(rest, self._base)
            yield sorted(first + rest, key=lambda one: one.order)
            return
        yield first
        while some := list(islice(items, AT_ONCE)):
            yield some

    def _items(self) -> Iterator[TaggedItem]:
        for feature in self._source.features():
            near = self._near(feature)
            digest = self._base.copy()
            digest.update(feature_bytes(feature, self._exotic))
            if not self._way.whole_overlay:
                for i in near:
                    digest.update(self._digest_of(i))
            order = (near[0] if near else len(self._digests)) if self._way.by_overlay else 0
            yield TaggedItem([feature], digest.digest(), near, order)

    def _near(self, feature: QgsFeature) -> list[int]:
        """The places of the overlay's features whose boxes meet the feature's."""
        if not self._way.overlay or not feature.hasGeometry():
            return []
        box = feature.geometry().boundingBox()
        size = 1.0 + max(map(abs, (box.xMinimum(), box.xMaximum(), box.yMinimum(), box.yMaximum())))
        return sorted(self._index.intersects(box.buffered(_MARGIN * size)))

    def _read_overlay(self) -> None:
        """Take the other layer: its features as they are, and their boxes in the CRS of the input."""
        run, source = self._run, self._run.source(self._way.overlay)
        self._overlay = overlay = Overlay(
            self._way.overlay, head_of(source), list(source.features()), self._way.whole_overlay
        )
        if not any(one.hasGeometry() for one in overlay.features):
            raise Uncached(tr("The other layer is empty."))
        self._digests = [None] * len(overlay.features)
        self._overlay_exotic = overlay.head.exotic if overlay.head is not None else []
        transform = QgsCoordinateTransform(source.crs, self._source.crs, run.context.transformContext())
        for place, feature in enumerate(overlay.features):
            geometry = feature.geometry()
            try:
                if not transform.isShortCircuited() and not geometry.isNull():
                    geometry.transform(transform)
            except QgsCsException as error:
                raise Uncached(tr("A feature of the other layer cannot be reprojected.")) from error
            if not geometry.isNull():
                self._index.addFeature(place, geometry.boundingBox())
            if place % 1000 == 0:
                run.watch.check()

    def _digest_of(self, place: int) -> bytes:
        found: Optional[bytes] = self._digests[place]
        if found is None:
            body = feature_bytes(self._overlay.features[place], self._overlay_exotic)
            found = self._digests[place] = hashlib.sha256(body).digest()
        return found
