"""The way *rows*: the outputs of each feature are looked up, the missing ones computed by the algorithm's own
``processFeature``, on several prepared instances of it.

Some algorithms prepare themselves in ``outputFields``, so each instance is asked for them exactly once and
never run.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any, Optional

from qgis.core import (
    QgsFeature,
    QgsFeatureRequest,
    QgsProcessingException,
    QgsProcessingFeatureSource,
    QgsProcessingFeedback,
    QgsProcessingParameterFeatureSource,
)

from ...core.steps import columns, costs
from ...core.steps.columns import Damaged
from ...core.watch import Cancelled
from ..sources import FrozenSource, geometry_check
from .layers import LayerHead, attributes_of, features_of, head_of, wkb_of
from .obtaining import obtain
from .parts import own_context
from .step_run import StepRun, of_head
from .uncached import Cheap
from .values import Unwritable, tag, tagged

BATCH, BATCH_BYTES = 2000, 16_000_000
_PLAIN = frozenset((bool, int, float, str, type(None)))


class Instance:
    """The algorithm prepared for one thread, with a context of its own and an empty layer as its input."""

    def __init__(self, run: StepRun, name: str, head: LayerHead):
        self._context, self._feedback = own_context(run), QgsProcessingFeedback(False)
        self._context.setFeedback(self._feedback)
        parameters = {**run.parameters, name: head.layer()}
        self._algorithm = algorithm = run.algorithm.create()
        if not algorithm.prepare(parameters, self._context, self._feedback):
            raise QgsProcessingException(algorithm.displayName())
        self._source = algorithm.parameterAsSource(parameters, name, self._context)
        self._parameters = parameters
        algorithm.prepareSource(parameters, self._context)
        scopes = algorithm.createExpressionContext(parameters, self._context, self._source)
        self._context.setExpressionContext(scopes)
        self._scopes = self._context.expressionContext()
        self.head = LayerHead(
            algorithm.outputFields(head.fields),
            algorithm.outputWkbType(head.wkb_type),
            algorithm.outputCrs(head.crs),
        )

    def outputs(self, feature: QgsFeature) -> list[QgsFeature]:
        """What the algorithm makes of a feature. Raises QgsProcessingException."""
        self._scopes.setFeature(feature)
        return list(self._algorithm.processFeature(feature, self._context, self._feedback))

    @property
    def request(self) -> QgsFeatureRequest:
        """How the algorithm wants its features."""
        return self._algorithm.request()

    @property
    def skips_checks(self) -> bool:
        """Whether it takes invalid geometries, whatever the options of Processing say."""
        skip = QgsProcessingFeatureSource.Flag.FlagSkipGeometryValidityChecks
        return bool(self._algorithm.sourceFlags() & skip)

    @property
    def sink_flags(self) -> Any:
        """How its output is to be opened."""
        return self._algorithm.sinkFlags()


class _Row:
    """A feature with its key, its outputs, and the microseconds that computing them took."""

    __slots__ = ("cost_us", "digest", "feature", "outputs")

    def __init__(self, feature: QgsFeature, digest: bytes):
        self.feature, self.digest = feature, digest
        self.outputs: Optional[list[QgsFeature]] = None
        self.cost_us = 0.0


class RowWay:
    """One step by this way. ``blind``: its outputs do not depend on attributes, which they pass on, unless a
    parameter brings them in."""

    def __init__(self, run: StepRun, blind: bool):
        self._run = run
        self._name = next(
            one.name()
            for one in run.algorithm.parameterDefinitions()
            if isinstance(one, QgsProcessingParameterFeatureSource)
        )
        self._source: FrozenSource = run.source(self._name)
        self._in = head_of(self._source)
        self._exotic = self._in.exotic
        canonical = run.canonical()
        self._blind = blind and not canonical.uses_attributes
        self._instances = [Instance(run, self._name, self._in)]
        self._head = self._instances[0].head
        self._kept = len(self._in.fields)
        if self._blind and self._names(self._head)[: self._kept] != self._names(self._in):
            self._blind = False
        extras = self._head.as_json()[0]
        assert isinstance(extras, list)
        types = [field[1:] for field in extras[self._kept :] if isinstance(field, list)]
        self._base = run.base_key("rows", canonical, of_head(self._source, not self._blind), types)
        if not self._instances[0].skips_checks:
            check = geometry_check(run.parameters.get(self._name), run.context)
            self._source.check_validity(check, run.feedback.reportError, as_native=True)

    @staticmethod
    def _names(head: LayerHead) -> list[str]:
        return [field.name() for field in head.fields.toList()]

    def compute(self) -> dict[str, object]:
        """Write the output and return its identifier. Raises Uncached where computing is quicker than looking
        up, before anything is written."""
        run = self._run
        self._instances += [Instance(run, self._name, self._in) for _ in range(run.threads - 1)]
        with ThreadPoolExecutor(len(self._instances), "redis-geo-rows") as self._pool:
            batches = self._batches()
            first = next(batches, [])
            self._obtain(first)
            if len(first) == costs.SAMPLE and not costs.rows_pay([row.cost_us for row in first]):
                raise Cheap
            sink, identifier = run.open_sink("OUTPUT", self._head, self._instances[0].sink_flags)
            done, total = 0, max(self._source.count, 1)
            for number, batch in enumerate(_chained(first, batches)):
                if number:
                    self._obtain(batch)
                run.add(sink, [one for row in batch for one in row.outputs or ()])
                done += len(batch)
                run.watch.reach(done / total)
                run.watch.check()
        return {"OUTPUT": identifier}

    def _batches(self) -> Iterator[list[_Row]]:
        batch: list[_Row] = []
        size, limit = 0, costs.SAMPLE
        request = self._source.request()
        request.setFlags(request.flags() | self._instances[0].request.flags())
        for feature in self._source.features(request):
            wkb = wkb_of(feature)
            size += len(wkb or b"")
            batch.append(_Row(feature, self._digest(feature, wkb)))
            if len(batch) >= limit or size > BATCH_BYTES:
                yield batch
                batch, size, limit = [], 0, BATCH
        if batch:
            yield batch

    def _digest(self, feature: QgsFeature, wkb: Optional[bytes]) -> bytes:
        digest = self._base.copy()
        digest.update(b"-" if wkb is None else wkb)
        if not self._blind:
            text = json.dumps(attributes_of(feature, self._exotic), default=tag, separators=(",", ":"))
            digest.update(b"\0" + text.encode())
        return digest.digest()  # type: ignore[no-any-return]

    def _obtain(self, rows: list[_Row]) -> None:
        obtain(self._run, rows, self._base, self._restored, self._compute)

    def _compute(self, rows: list[_Row]) -> None:
        """Compute rows and store those that were computed, also when the user cancels meanwhile."""
        try:
            if len(self._instances) == 1 or len(rows) < 2:
                self._work(self._instances[0], rows, count())
            else:
                places = count()
                works = [self._pool.submit(self._work, one, rows, places) for one in self._instances]
                for work in works:
                    work.result()
        finally:
            self._store([row for row in rows if row.outputs is not None])

    def _work(self, instance: Instance, rows: list[_Row], places: Iterator[int]) -> None:
        """Compute the rows that no other thread has begun."""
        watch = self._run.watch
        while (place := next(places)) < len(rows):
            if watch.cancelled():
                raise Cancelled
            row = rows[place]
            started = time.perf_counter()
            row.outputs = instance.outputs(row.feature)
            row.cost_us = (time.perf_counter() - started) * 1e6

    def _store(self, rows: list[_Row]) -> None:
        if not rows or not self._run.store.up:
            return
        if not costs.rows_pay([row.cost_us for row in rows]):
            return
        kept = []
        for row in rows:
            body = self._body(row)
            if body is not None:
                kept.append((row.digest, body, row.cost_us))
        self._run.store.write_rows(kept)

    def _body(self, row: _Row) -> Optional[bytes]:
        """The outputs of a row as they are stored: without the attributes that they pass on. None for what
        cannot be stored."""
        outputs, before = row.outputs or [], row.feature.attributes()
        attributes = [one.attributes() for one in outputs]
        full = any(one[: self._kept] != before for one in attributes)
        if full and self._blind:
            return None
        rows = attributes if full else [one[self._kept :] for one in attributes]
        try:
            written = [[v if type(v) in _PLAIN else tagged(v) for v in one] for one in rows]
            return columns.pack([wkb_of(one) for one in outputs], written, int(full), tag)
        except Unwritable:
            return None

    def _restored(self, row: _Row, body: bytes) -> Optional[list[QgsFeature]]:
        """The outputs of a stored row, None for what is damaged or fits another layer."""
        try:
            found = columns.unpack(body)
            if found.head not in (0, 1) or (found.head == 1 and self._blind):
                return None
            before = () if found.head == 1 else row.feature.attributes()
            return features_of(found, self._head, before)
        except Damaged:
            return None


def _chained(first: list[_Row], batches: Iterator[list[_Row]]) -> Iterator[list[_Row]]:
    yield first
    yield from batches
