"""What a result layer remembers of its run, as a custom property: memory layers lose their features.

No secret is in it: the connection stands there by its name.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Optional

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingFeatureSourceDefinition,
    QgsProperty,
    QgsVectorLayer,
)

from .. import operations

PROPERTY = "redis_geo/result"
MOST = 20_000  # results that are remembered one by one: less than a megabyte in the project
MOST_COUNTED = 2**31 - 1
NOTHING = bytes(32)  # stands for a result without a geometry,
UNSTORED = b"\xff" * 32  # and this for one that was quicker to compute than to store


class ResultOrigins:
    """What each result was made of, in the order of the layer: the SHA-256 under which it is cached, and the
    ids of the features of the source and of the other layer."""

    def __init__(self) -> None:
        self.digests: list[bytes] = []
        self.firsts: list[int] = []
        self.seconds: list[int] = []

    def __len__(self) -> int:
        return len(self.digests)

    def add(
        self,
        digests: Sequence[Optional[bytes]],
        results: Sequence[Optional[bytes]],
        firsts: Sequence[int],
        seconds: Sequence[int] = (),
    ) -> None:
        """Add results: of each its digest, or None where nothing is cached; then None for its WKB says that
        there is no shape either."""
        self.digests += [
            digest or (NOTHING if result is None else UNSTORED) for digest, result in zip(digests, results)
        ]
        self.firsts += firsts
        self.seconds += seconds


@dataclass
class RememberedRun:
    """One run of a cached algorithm.

    Args:
        algorithm: Its id.
        operation: Of the cache: see ``core.operations``.
        connection: The name of the connection; "" for the active one.
        parameters: As JSON holds them: see ``parameter_text``.
        source: The id of the layer whose features the results were made of; ``other`` that of the second.
        fields: The names of the source's fields at the time; ``other_fields`` those of the second layer.
    """

    algorithm: str
    operation: str
    namespace: str
    connection: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    source: str = ""
    other: str = ""
    fields: list[str] = field(default_factory=list)
    other_fields: list[str] = field(default_factory=list)
    rows: ResultOrigins = field(default_factory=ResultOrigins)
    count: int = 0  # of the results, also where they are not remembered one by one

    def to_json(self) -> str:
        """The text of the custom property."""
        values = {**self.__dict__, "rows": None, "version": 1}
        if 0 < len(self.rows) <= MOST:
            packed = base64.b64encode(b"".join(self.rows.digests)).decode("ascii")
            values["rows"] = [packed, self.rows.firsts, self.rows.seconds]
        return json.dumps(values)

    @classmethod
    def from_json(cls, text: str) -> RememberedRun:
        """What ``to_json`` wrote; projects come from others too. Raises ValueError."""
        try:
            values = json.loads(text)
            names = ("algorithm", "operation", "namespace")
            algorithm, operation, namespace = (_text(values[name]) for name in names)
            run = cls(algorithm, operation, namespace)
            run.connection = _text(values["connection"])
            run.source, run.other = _text(values["source"]), _text(values["other"])
            run.fields = [_text(one) for one in values["fields"]]
            run.other_fields = [_text(one) for one in values["other_fields"]]
            run.count = _whole(values["count"], MOST_COUNTED)
            run.parameters, run.rows = dict(values["parameters"]), _rows(values["rows"])
            return run
        except (LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
            raise ValueError(f"no description of a run: {error}") from error

    def repeated(self, algorithm: QgsProcessingAlgorithm) -> dict[str, Any]:
        """The parameters with which an algorithm of the cache makes the layer again, its output left out.

        A project may come from anybody: it names no other algorithm, and no file to be written.
        """
        definitions = {one.name(): one for one in algorithm.parameterDefinitions()}
        return {
            name: parameter_of(value)
            for name, value in self.parameters.items()
            if name in definitions and not definitions[name].isDestination()
        }

    @property
    def is_of_the_cache(self) -> bool:
        """Whether its algorithm is the one that offers its operation."""
        offered = operations.find(self.operation)
        return offered is not None and offered.algorithm == self.algorithm


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    value.encode()  # raises UnicodeEncodeError, a ValueError, for half a character
    return value


def _whole(value: object, most: int) -> int:
    if not isinstance(value, int) or not 0 <= value <= most:
        raise ValueError(f"{value!r} is no number of a feature, or of features")
    return value


def _rows(value: Any) -> ResultOrigins:
    rows = ResultOrigins()
    if value is None:
        return rows
    packed, firsts, seconds = value
    digests = base64.b64decode(_text(packed), validate=True)
    rows.digests = [digests[i : i + 32] for i in range(0, len(digests), 32)]
    rows.firsts = [_id(one) for one in firsts]
    rows.seconds = [_id(one) for one in seconds]
    if len(digests) % 32 or len(rows) > MOST or len(rows.firsts) != len(rows):
        raise ValueError("keys and features do not fit together")
    if len(rows.seconds) not in (0, len(rows)):
        raise ValueError("keys and features of the other layer do not fit together")
    return rows


def _id(value: object) -> int:
    if not isinstance(value, int) or not -(2**63) <= value < 2**63:
        raise ValueError(f"{value!r} is no id of a feature")
    return value


def remember(layer: QgsVectorLayer, run: RememberedRun) -> None:
    """Have a layer remember its run; QGIS need not warn that its features will be lost."""
    layer.setCustomProperty(PROPERTY, run.to_json())
    layer.setCustomProperty("skipMemoryLayersCheck", 1)


def forget(layer: QgsVectorLayer) -> None:
    """A layer is a plain one from now on."""
    layer.removeCustomProperty(PROPERTY)
    layer.removeCustomProperty("skipMemoryLayersCheck")


def parameter_text(value: object) -> object:
    """A parameter of an algorithm as JSON holds it."""
    if isinstance(value, QgsProperty):
        return {"expression": value.asExpression()}
    if isinstance(value, QgsProcessingFeatureSourceDefinition):
        return {"layer": value.source.staticValue(), "selected": value.selectedFeaturesOnly}
    return value


def parameter_of(value: object) -> object:
    """The parameter that ``parameter_text`` made a text of; of layers the id."""
    if isinstance(value, dict) and "expression" in value:
        return QgsProperty.fromExpression(str(value["expression"]))
    if isinstance(value, dict):
        return str(value.get("layer", ""))
    return value
