"""The way *whole*: all outputs of a step are one entry, named by everything that goes in."""

from __future__ import annotations

import logging
import time
from typing import Any, Optional

from qgis.core import (
    QgsFeature,
    QgsFeatureSink,
    QgsProcessing,
    QgsProcessingOutputBoolean,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterVectorLayer,
    QgsProcessingUtils,
    QgsVectorLayer,
)

from ...core.json_types import JsonObject
from ...core.steps import columns, costs
from ...core.steps.columns import Damaged
from ...core.steps.store import StoredStep
from ..compat import is_null
from ..destinations import is_in_memory
from ..i18n import tr
from .canonical import LAYERS
from .layers import LayerHead, features_of, head_of, pieces
from .step_run import StepRun, digest_of
from .uncached import Cheap, Uncached
from .values import Unwritable

_QUICK_KNOWN = 1000  # steps of which it is remembered that they were quick to compute
_quick: dict[bytes, int] = {}  # by what they share but for their inputs: of how many features
_SIMPLE = (bool, int, float, str, type(None))
_VALUES = (QgsProcessingOutputNumber, QgsProcessingOutputString, QgsProcessingOutputBoolean)
_log = logging.getLogger("redis_geo")


class Whole:
    """One step by this way."""

    def __init__(self, run: StepRun):
        self._run = run
        for one in run.algorithm.destinationParameterDefinitions():
            if not isinstance(one, QgsProcessingParameterFeatureSink):
                raise Uncached(tr("An output that is no vector layer is not cached."))
        self._features_in = 0
        digest = run.base_key("whole", run.canonical())
        self._without_inputs: bytes = digest.digest()
        if sum(max(one.count, 0) for one in run.inputs.values()) <= _quick.get(self._without_inputs, -1):
            raise Cheap
        for one in run.algorithm.parameterDefinitions():
            if isinstance(one, LAYERS):
                digest.update(b"\0" + one.name().encode() + b"=" + self._content(one))
            run.watch.check()
        self._digest: bytes = digest.digest()
        self._computed_natively = False

    def compute(self) -> dict[str, object]:
        """Write the outputs and return them. Raises QgsProcessingException where the algorithm fails."""
        found = self._look_up()
        if found is None:
            with self._run.claimed(self._digest) as waited:
                found = self._look_up() if waited else None
                if found is None:
                    self._run.counts.misses += 1
                    return self._compute()
        self._run.counts.hits += 1
        return found

    def _content(self, definition: Any) -> bytes:
        """The SHA-256 of what a parameter of layers holds."""
        name, run = definition.name(), self._run
        if is_null(run.parameters.get(name)):
            return b"-"
        if isinstance(definition, QgsProcessingParameterMultipleLayers):
            layers = run.algorithm.parameterAsLayerList(run.parameters, name, run.context)
            return b"|".join(self._layer_content(layer, True) for layer in layers)
        if isinstance(definition, QgsProcessingParameterVectorLayer):
            layer = run.algorithm.parameterAsVectorLayer(run.parameters, name, run.context)
            return self._layer_content(layer, False)
        source = run.source(name)
        head = head_of(source)
        self._features_in += max(source.count, 0)
        return digest_of(head, pieces(source.features(), head.exotic))

    def _layer_content(self, layer: Any, named: bool) -> bytes:
        if not isinstance(layer, QgsVectorLayer):
            raise Uncached(tr("An input that is no vector layer is not cached."))
        head = head_of(layer)
        self._features_in += max(layer.featureCount(), 0)
        name = f"{layer.name()}\0{layer.publicSource()}\0".encode() if named else b""
        return name + digest_of(head, pieces(layer.getFeatures(), head.exotic))

    def _look_up(self) -> Optional[dict[str, object]]:
        """The outputs as they are stored, checked whole before one is opened."""
        stored = self._run.store.step(self._digest)
        if stored is None:
            return None
        try:
            layers = {name: self._restored(stored, name) for name in self._run.sinks()}
            values = self._values(stored.outputs["values"])
        except Exception as error:  # whatever a value holds, it is computed instead
            _log.debug("a stored step could not be read", exc_info=error)
            return None
        self._run.counts.spared_us += stored.cost_us
        for name, (head, features) in layers.items():
            sink, identifier = self._run.open_sink(name, head, self._flags(head, features))
            self._write(sink, features)
            values[name] = identifier
        return values

    def _values(self, stored: Any) -> dict[str, object]:
        """The outputs that are no layers. Raises Damaged for any that is not stored."""
        values = dict(stored)
        if not all(self._is_stored(name, value) for name, value in values.items()):
            raise Damaged("an output that the algorithm does not have")
        return values

    def _is_stored(self, name: str, value: object) -> bool:
        """Whether an output that is no layer is kept: what names none, nor a file, by its definition."""
        definition = self._run.algorithm.outputDefinition(name)
        if value is not None and not isinstance(definition, _VALUES):
            return False
        return isinstance(value, _SIMPLE) and not (isinstance(value, int) and not -(2**63) <= value < 2**63)

    @staticmethod
    def _restored(stored: StoredStep, name: str) -> tuple[LayerHead, list[QgsFeature]]:
        layer = stored.outputs["layers"][name]
        head = LayerHead.from_json(layer["head"])
        names = stored.outputs["pieces"][layer["from"] : layer["to"]]
        features: list[QgsFeature] = []
        for piece in names:
            body = stored.pieces[bytes.fromhex(piece)]
            features += features_of(columns.unpack(body, columns.FEATURES), head)
        return head, features

    def _compute(self) -> dict[str, object]:
        """Have the algorithm compute, into layers in memory, and store what it is worth to store."""
        run = self._run
        memory = {
            name: QgsProcessing.TEMPORARY_OUTPUT
            for name in run.sinks()
            if not is_in_memory(run.parameters.get(name))
        }
        started = time.perf_counter()
        outputs = dict(run.algorithm.runPrepared({**run.parameters, **memory}, run.context, run.feedback))
        cost_us = (time.perf_counter() - started) * 1e6
        self._computed_natively = not memory
        run.watch.check()
        layers = {}
        for name in run.sinks():
            layer = QgsProcessingUtils.mapLayerFromString(str(outputs.get(name, "")), run.context)
            if not isinstance(layer, QgsVectorLayer):
                raise Uncached(tr("The algorithm made no layer."))
            layers[name] = layer
        self._store(layers, outputs, cost_us)
        for name in memory:
            features = list(layers[name].getFeatures())
            head = head_of(layers[name])
            sink, outputs[name] = run.open_sink(name, head, self._flags(head, features))
            self._write(sink, features)
        return outputs

    @property
    def ran_natively(self) -> bool:
        """Whether the algorithm wrote the outputs itself, and so is to finish them."""
        return self._computed_natively

    def _store(self, layers: dict[str, QgsVectorLayer], outputs: dict[str, object], cost_us: float) -> None:
        run = self._run
        out = sum(layer.featureCount() for layer in layers.values())
        values = {name: value for name, value in outputs.items() if name not in layers}
        if not run.store.up or not all(self._is_stored(name, value) for name, value in values.items()):
            return
        if not costs.whole_pays(cost_us, self._features_in, out):
            if len(_quick) >= _QUICK_KNOWN:
                _quick.clear()
            _quick[self._without_inputs] = self._features_in
            return
        kept: list[bytes] = []
        heads: JsonObject = {}
        room = run.store.room()
        try:
            for name, layer in layers.items():
                head, start = head_of(layer), len(kept)
                for piece in pieces(layer.getFeatures(), head.exotic):
                    kept.append(piece)
                    room -= len(piece)
                    if room < 0:
                        return
                    run.watch.check()
                heads[name] = {"head": head.as_json(), "from": start, "to": len(kept)}
        except Unwritable:
            return
        run.store.write_step(self._digest, {"layers": heads, "values": values}, kept, cost_us)

    def _write(self, sink: QgsFeatureSink, features: list[QgsFeature]) -> None:
        for start in range(0, len(features), columns.FEATURES):
            self._run.add(sink, features[start : start + columns.FEATURES])
            self._run.watch.check()

    @staticmethod
    def _flags(head: LayerHead, features: list[QgsFeature]) -> Any:
        """A file that has its own ids takes those of a field ``fid`` only where each stands once."""
        at = head.fields.lookupField("fid")
        if at < 0:
            return QgsFeatureSink.SinkFlags()
        ids = [feature.attributes()[at] for feature in features]
        if len({id(None) if is_null(one) else one for one in ids}) == len(ids) and not any(map(is_null, ids)):
            return QgsFeatureSink.SinkFlags()
        return QgsFeatureSink.SinkFlags(QgsFeatureSink.SinkFlag.RegeneratePrimaryKey)
