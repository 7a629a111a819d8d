"""Runs an algorithm over the items that are missing, with a field that tells the outputs of each apart.

An item is a feature, or the features of a group. Its key holds its features, and those of another layer that
lie near it, where the algorithm has one. The algorithm itself runs on parts of the missing items, in several
threads, and writes every output with the number of its item in the field ``TAG``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable, Optional

from qgis.core import QgsFeature, QgsFeatureSink, QgsFields, QgsProcessingFeedback

from ...core.steps import columns, costs
from ...core.steps.columns import Damaged
from ..compat import INTEGER
from ..compat import field as make_field
from ..i18n import tr
from .canonical import ParameterValues
from .layers import LayerHead, attributes_of, features_of, wkb_of
from .obtaining import obtain
from .parts import LayerFeatures, PartFeedback, filled_layer, in_threads, run_native
from .step_run import StepRun
from .uncached import Uncached
from .values import Unwritable, tag

TAG = "redis_geo_item"
AT_ONCE = 50_000  # features looked up and computed at once
_LEAST_PART = 8  # items that are worth a thread


@dataclass(frozen=True)
class TaggedLayer:
    """How the tag goes through an algorithm.

    ``source`` is the parameter that gets it; ``changes`` returns the other parameters that let it pass, given
    the run's own; ``new_ids`` says that the output numbers its features anew.
    """

    source: str
    changes: Callable[[ParameterValues], ParameterValues] = lambda _parameters: {}
    new_ids: bool = False


class TaggedItem:
    """What is looked up and computed as one. ``near`` are places in the overlay; ``order`` says where its
    outputs come."""

    __slots__ = ("cost_us", "digest", "features", "near", "order", "outputs")

    def __init__(self, features: list[QgsFeature], digest: bytes, near: Sequence[int] = (), order: Any = 0):
        self.features, self.digest, self.near, self.order = features, digest, near, order
        self.outputs: Optional[dict[str, list[QgsFeature]]] = None
        self.cost_us = 0.0

    def weight(self) -> int:
        """About how long it takes to compute, in no unit."""
        return 1 + len(self.near) + sum(len(wkb_of(one) or b"") for one in self.features)


@dataclass
class Overlay:
    """The other layer: where it goes, and its features by their place; all of them go along where an item may
    depend on any (``whole``)."""

    name: str = ""
    head: Optional[LayerHead] = None
    features: list[QgsFeature] = field(default_factory=list)
    whole: bool = False

    def layer_of(self, items: Iterable[TaggedItem]) -> ParameterValues:
        """The parameter for a run over these items."""
        if self.head is None:
            return {}
        if self.whole:
            chosen = self.features
        else:
            chosen = [self.features[i] for i in sorted({i for item in items for i in item.near})]
        return {self.name: filled_layer(self.head, chosen)}


class Tagged:
    """A step whose items are computed by runs with a tag."""

    def __init__(self, run: StepRun, way: TaggedLayer, head: LayerHead, overlay: Overlay, sinks: list[str]):
        self._run, self._way, self._overlay, self._names = run, way, overlay, sinks
        if head.fields.indexOf(TAG) >= 0:
            raise Uncached(TAG)
        fields = QgsFields(head.fields)
        fields.append(make_field(TAG, INTEGER))
        self._in = LayerHead(fields, head.wkb_type, head.crs)
        self._overhead = 0.0  # seconds of a run over nothing
        self.heads = self._output_heads()
        self._exotic = {name: one.exotic for name, one in self.heads.items()}

    def obtain(self, items: list[TaggedItem], claim: Any) -> None:
        """Give every item its outputs: stored ones, others', or computed here. ``claim`` is a SHA-256 to be
        gone on with. Raises Uncached where computing is quicker than looking up."""
        obtain(self._run, items, claim, self._restored, self._compute)

    def write(self, items: Sequence[TaggedItem], sinks: dict[str, QgsFeatureSink]) -> None:
        """Write the outputs of the items, in their order."""
        for name, sink in sinks.items():
            self._run.add(sink, [one for item in items for one in (item.outputs or {}).get(name, ())])

    def open(self) -> tuple[dict[str, QgsFeatureSink], dict[str, object]]:
        """Open the outputs that are asked for. Returns the sinks and the identifiers by name."""
        flags = QgsFeatureSink.SinkFlags()
        if self._way.new_ids:
            flags = QgsFeatureSink.SinkFlags(QgsFeatureSink.SinkFlag.RegeneratePrimaryKey)
        sinks: dict[str, QgsFeatureSink] = {}
        identifiers: dict[str, object] = {}
        for name in self._run.sinks():
            sinks[name], identifiers[name] = self._run.open_sink(name, self.heads[name], flags)
        return sinks, identifiers

    def measure(self, features: list[QgsFeature]) -> float:
        """The microseconds that the algorithm takes for each of these features."""
        rows = [self._row(feature, number) for number, feature in enumerate(features)]
        found = run_native(self._run, self._changes(rows, ()), self._names, PartFeedback())
        return max(0.0, found.seconds - self._overhead) * 1e6 / max(len(features), 1)

    def _row(self, feature: QgsFeature, number: int) -> QgsFeature:
        """A feature with the number of its item."""
        row = QgsFeature(self._in.fields)
        row.setGeometry(feature.geometry())
        row.setAttributes([*feature.attributes(), number])
        return row

    def _output_heads(self) -> dict[str, LayerHead]:
        """What the outputs are, from a run over nothing."""
        first = next((i for i, one in enumerate(self._overlay.features) if one.hasGeometry()), None)
        some = [TaggedItem([], b"", () if first is None else (first,))]
        changes = self._changes([], some)
        found = run_native(self._run, changes, self._names, PartFeedback())
        self._overhead = found.seconds
        return {name: _without_tag(head)[0] for name, (head, _) in found.outputs.items()}

    def _changes(self, features: list[QgsFeature], items: Iterable[TaggedItem]) -> ParameterValues:
        return {
            **self._way.changes(self._run.parameters),
            **self._overlay.layer_of(items),
            self._way.source: filled_layer(self._in, features),
        }

    def _compute(self, items: list[TaggedItem]) -> None:
        """Compute in parts, and store each part that was computed, also when the user cancels meanwhile."""
        parts = self._parts(items)
        try:
            in_threads(self._run, [lambda told, part=part: self._compute_part(part, told) for part in parts])  # type: ignore[misc]
        finally:
            self._store([item for item in items if item.outputs is not None])

    def _parts(self, items: list[TaggedItem]) -> list[list[TaggedItem]]:
        """The items in parts of about the same weight, each in the order given."""
        count = max(1, min(self._run.threads, len(items) // _LEAST_PART))
        if count == 1:
            return [items] if items else []
        weights = [0] * count
        chosen: list[list[int]] = [[] for _ in range(count)]
        for place in sorted(range(len(items)), key=lambda i: -items[i].weight()):
            lightest = weights.index(min(weights))
            weights[lightest] += items[place].weight()
            chosen[lightest].append(place)
        return [[items[i] for i in sorted(places)] for places in chosen if places]

    def _compute_part(self, items: list[TaggedItem], feedback: QgsProcessingFeedback) -> None:
        rows = [self._row(one, number) for number, item in enumerate(items) for one in item.features]
        changes = self._changes(rows, items)
        found = run_native(self._run, changes, self._names, feedback)
        each_us = max(0.0, found.seconds - self._overhead) * 1e6 / max(len(items), 1)
        if feedback.isCanceled():
            return
        outputs: list[dict[str, list[QgsFeature]]] = [{name: [] for name in found.outputs} for _ in items]
        for name, layer in found.outputs.items():
            self._share(name, layer, outputs)
        for item, own in zip(items, outputs):
            item.outputs, item.cost_us = own, each_us

    def _share(self, name: str, layer: LayerFeatures, outputs: list[dict[str, list[QgsFeature]]]) -> None:
        """Give the features of an output to their items."""
        head, at = _without_tag(layer[0])
        if not head.same_as(self.heads[name]):
            raise Uncached(tr("The output has other fields than expected."))
        for feature in layer[1]:
            attributes = feature.attributes()
            number = attributes.pop(at)
            if not isinstance(number, int) or not 0 <= number < len(outputs):
                raise Uncached(tr("The outputs cannot be told apart."))
            own = QgsFeature(head.fields)
            own.setGeometry(feature.geometry())
            own.setAttributes(attributes)
            outputs[number][name].append(own)

    def _store(self, items: list[TaggedItem]) -> None:
        if not items or not self._run.store.up or not costs.rows_pay([item.cost_us for item in items]):
            return
        kept = []
        for item in items:
            try:
                kept.append((item.digest, self._body(item), item.cost_us))
            except Unwritable:
                continue
        self._run.store.write_rows(kept)

    def _body(self, item: TaggedItem) -> bytes:
        """The outputs of an item as they are stored: of one output layer after the other."""
        outputs = item.outputs or {}
        features = [(name, one) for name in self._names for one in outputs[name]]
        return columns.pack(
            [wkb_of(one) for _, one in features],
            [attributes_of(one, self._exotic[name]) for name, one in features],
            [len(outputs[name]) for name in self._names],
            tag,
        )

    def _restored(self, _item: TaggedItem, body: bytes) -> Optional[dict[str, list[QgsFeature]]]:
        """The outputs of a stored item, None for what is damaged or fits another layer."""
        outputs, start = {}, 0
        try:
            found = columns.unpack(body)
            numbers = found.head
            if not isinstance(numbers, list) or len(numbers) != len(self._names):
                return None
            for name, number in zip(self._names, numbers):
                if not isinstance(number, int) or number < 0:
                    return None
                end = start + number
                part = found._replace(wkbs=found.wkbs[start:end], rows=found.rows[start:end])
                outputs[name] = features_of(part, self.heads[name])
                start = end
        except Damaged:
            return None
        return outputs if start == len(found.rows) else None


def _without_tag(head: LayerHead) -> tuple[LayerHead, int]:
    """A layer without the tag's field, and where it stood. Raises Uncached where there is none."""
    at = head.fields.indexOf(TAG)
    if at < 0:
        raise Uncached(tr("The outputs cannot be told apart."))
    fields = QgsFields(head.fields)
    fields.remove(at)
    return LayerHead(fields, head.wkb_type, head.crs), at
