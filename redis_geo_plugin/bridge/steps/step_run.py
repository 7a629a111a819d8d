"""What the ways of one step share: its inputs, its outputs, the store, and running the algorithm on parts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from qgis.core import (
    QgsExpressionContext,
    QgsFeature,
    QgsFeatureSink,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureBasedAlgorithm,
    QgsProcessingFeedback,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameters,
)

from ...core.cores import available_cores
from ...core.steps.store import StepStore
from ...core.watch import Watch
from .. import sources
from ..compat import is_null
from ..sources import FrozenSource
from . import conditions
from .canonical import CanonicalParameters, ParameterValues
from .layers import LayerHead, head_of
from .uncached import Uncached

_COMPILED = (QgsProcessingAlgorithm, QgsProcessingFeatureBasedAlgorithm)


def is_compiled(algorithm: QgsProcessingAlgorithm) -> bool:
    """Whether an algorithm is implemented in C++."""
    return type(algorithm) in _COMPILED


class SinkRefused(Exception):
    """A layer did not take features; the algorithm itself is to try."""


@dataclass
class StepCounts:
    """What was found and computed. ``spared_us`` is what computing the hits had taken."""

    hits: int = 0
    misses: int = 0
    spared_us: float = 0.0


@dataclass
class StepRun:
    """One step under way. ``algorithm`` is prepared; ``inputs`` are the features of its sources, read when
    they are asked for; ``expressions`` the scopes in which its expressions are evaluated."""

    algorithm: QgsProcessingAlgorithm
    parameters: ParameterValues
    context: QgsProcessingContext
    feedback: QgsProcessingFeedback
    store: StepStore
    watch: Watch
    inputs: dict[str, FrozenSource]
    expressions: QgsExpressionContext
    parallel: bool = True
    counts: StepCounts = field(default_factory=StepCounts)
    wrote: bool = False  # whether a feature has gone to an output

    @property
    def threads(self) -> int:
        """How many instances of the algorithm may run at once. Python runs one thread at a time, and what is
        flagged so runs on the main thread alone."""
        flag = QgsProcessingAlgorithm.Flag.FlagNoThreading
        if not self.parallel or not is_compiled(self.algorithm) or self.algorithm.flags() & flag:
            return 1
        return available_cores()

    def canonical(self) -> CanonicalParameters:
        """The parameters for a key. Raises Uncached."""
        return CanonicalParameters(self.algorithm, self.parameters, self.context, self.expressions)

    def source(self, name: str) -> FrozenSource:
        """The features of an input. Raises Uncached where there is none."""
        found = self.inputs.get(name)
        if found is None:
            raise Uncached(name)
        return found

    def sinks(self) -> list[str]:
        """The names of the outputs that are asked for, in the order of their definition."""
        return [
            one.name()
            for one in self.algorithm.destinationParameterDefinitions()
            if not is_null(self.parameters.get(one.name())) and self.parameters.get(one.name()) != ""
        ]

    def base_key(self, way: str, canonical: CanonicalParameters, *more: object) -> Any:
        """The SHA-256, to be gone on with, of all that the results of this step share."""
        systems = [source.crs for source in self.inputs.values()]
        systems += [
            crs
            for one in self.algorithm.parameterDefinitions()
            if one.type() == "crs"
            and (crs := self.algorithm.parameterAsCrs(self.parameters, one.name(), self.context)).isValid()
        ]
        parts = [
            way,
            self.algorithm.id(),
            conditions.of_context(self.context),
            conditions.of_project(self.context) if canonical.has_expressions else None,
            conditions.of_transformations(systems, self.context.transformContext()),
            canonical.values,
            self.sinks(),
            more,
        ]
        return hashlib.sha256(json.dumps(parts, separators=(",", ":"), default=str).encode())

    def open_sink(self, name: str, head: LayerHead, flags: Any = None) -> tuple[QgsFeatureSink, str]:
        """Open the output of this name. Raises QgsProcessingException where it cannot be written."""
        definition = self.algorithm.parameterDefinition(name)
        sink, identifier = QgsProcessingParameters.parameterAsSink(
            definition,
            self.parameters,
            head.fields,
            head.wkb_type,
            head.crs,
            self.context,
            flags if flags is not None else QgsFeatureSink.SinkFlags(),
        )
        if sink is None:
            raise QgsProcessingException(self.algorithm.invalidSinkError(self.parameters, name))
        return sink, identifier

    def add(self, sink: QgsFeatureSink, features: list[QgsFeature]) -> None:
        """Write features. Raises SinkRefused where the layer takes not all of them: it then has none."""
        if features:
            self.wrote = True
            if not sink.addFeatures(features, QgsFeatureSink.Flag.FastInsert):
                raise SinkRefused

    @contextmanager
    def claimed(self, digest: bytes) -> Iterator[bool]:
        """Hold the claim on what has this digest, waiting while another computes it. Yields whether it is to
        be looked up once more, since another may have stored it since."""
        if not self.store.up:
            yield False
            return
        claims = self.store.claims()
        try:
            _ours, theirs = claims.take([digest])
            for _found in claims.rounds(theirs, self.watch.check) if theirs else ():
                pass
            yield True
        finally:
            claims.close()


def freeze(
    algorithm: QgsProcessingAlgorithm, parameters: ParameterValues, context: QgsProcessingContext
) -> dict[str, FrozenSource]:
    """The features of the inputs, on the thread that owns their layers. Their geometries are not checked: the
    algorithm does so, or not, when it is given them."""
    return {
        one.name(): sources.freeze(algorithm, parameters, one.name(), context)
        for one in algorithm.parameterDefinitions()
        if isinstance(one, QgsProcessingParameterFeatureSource) and not is_null(parameters.get(one.name()))
    }


def digest_of(head: LayerHead, bodies: Iterable[bytes]) -> bytes:
    """The SHA-256 of a layer's content."""
    digest = hashlib.sha256(json.dumps(head.as_json()).encode())
    for body in bodies:
        digest.update(hashlib.sha256(body).digest())
    return digest.digest()


def of_head(source: FrozenSource, names: bool) -> Sequence[object]:
    """What a key holds of an input's layer: with or without its fields."""
    whole = head_of(source).as_json()
    return whole if names else whole[1:]
