"""The way *groups*: features that belong together by their attributes are looked up and computed as one."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from qgis.core import QgsExpression, QgsExpressionContext, QgsFeature

from ...core.steps import costs
from ..compat import INTEGER, number
from ..i18n import tr
from .canonical import ParameterValues
from .layers import feature_bytes, head_of
from .step_run import StepRun, of_head
from .tagged import TAG, Overlay, Tagged, TaggedItem, TaggedLayer
from .uncached import Cheap, Uncached
from .values import tag, tagged

LARGE = 1000  # features, of which some are computed to learn what one costs
GroupOf = Callable[[QgsFeature], str]


@dataclass(frozen=True)
class GroupsAlgorithm:
    """How an algorithm is run by groups. ``fields`` is the parameter with the fields that make groups, or
    ``expression`` the one whose value does."""

    layer: TaggedLayer
    fields: str = ""
    expression: str = ""


def _with_category(parameters: ParameterValues) -> ParameterValues:
    return {"CATEGORIES_FIELD_NAME": [*_names(parameters.get("CATEGORIES_FIELD_NAME")), TAG]}


def _with_aggregate(parameters: ParameterValues) -> ParameterValues:
    own = {
        "aggregate": "first_value",
        "delimiter": ",",
        "input": f'"{TAG}"',
        "length": 0,
        "name": TAG,
        "precision": 0,
        "type": number(INTEGER),
    }
    return {"AGGREGATES": [*(parameters.get("AGGREGATES") or ()), own]}


ALGORITHMS = {
    "native:dissolve": GroupsAlgorithm(TaggedLayer("INPUT", new_ids=True), "FIELD"),
    "native:collect": GroupsAlgorithm(TaggedLayer("INPUT", new_ids=True), "FIELD"),
    "native:aggregate": GroupsAlgorithm(TaggedLayer("INPUT", _with_aggregate), expression="GROUP_BY"),
    "qgis:statisticsbycategories": GroupsAlgorithm(
        TaggedLayer("INPUT", _with_category), "CATEGORIES_FIELD_NAME"
    ),
}


class GroupWay:
    """One step by this way."""

    def __init__(self, run: StepRun):
        self._run = run
        way = ALGORITHMS[run.algorithm.id()]
        self._source = run.source(way.layer.source)
        head = head_of(self._source)
        self._exotic = head.exotic
        canonical = run.canonical()
        self._group_of = self._by_fields(way.fields) if way.fields else self._by_expression(way.expression)
        self._tagged = Tagged(run, way.layer, head, Overlay(), run.sinks())
        self._base = run.base_key("groups", canonical, of_head(self._source, True))

    def compute(self) -> dict[str, object]:
        """Write the outputs and return their identifiers. Raises Cheap where computing is quicker than
        looking up."""
        if self._source.count >= LARGE:
            some = list(islice(self._source.features(), costs.SAMPLE))
            if not costs.groups_pay(self._tagged.measure(some)):
                raise Cheap
        items = self._items()
        self._tagged.obtain(items, self._base)
        sinks, identifiers = self._tagged.open()
        self._tagged.write(items, sinks)
        self._run.watch.check()
        return identifiers

    def _items(self) -> list[TaggedItem]:
        """The groups, in the order in which they appear."""
        members: dict[str, list[QgsFeature]] = {}
        digests: ParameterValues = {}
        for place, feature in enumerate(self._source.features()):
            group = self._group_of(feature)
            if group not in members:
                members[group], digests[group] = [], self._base.copy()
            members[group].append(feature)
            digests[group].update(feature_bytes(feature, self._exotic) + b"\0")
            if place % 1000 == 0:
                self._run.watch.check()
        return [TaggedItem(features, digests[group].digest()) for group, features in members.items()]

    def _by_fields(self, name: str) -> GroupOf:
        names = _names(self._run.parameters.get(name))
        places = [self._source.fields.lookupField(one) for one in names]
        if not places or -1 in places:
            raise Uncached(tr("Without a field to group by, everything is one group."))
        return lambda feature: _group([feature.attribute(place) for place in places])

    def _by_expression(self, name: str) -> GroupOf:
        run = self._run
        text = run.algorithm.parameterAsExpression(run.parameters, name, run.context)
        expression = QgsExpression(text)
        if expression.isField() or expression.referencedColumns():
            scopes = QgsExpressionContext(run.expressions)
            scopes.setFields(self._source.fields)
            expression.prepare(scopes)

            def group_of(feature: QgsFeature) -> str:
                scopes.setFeature(feature)
                value = expression.evaluate(scopes)
                if expression.hasEvalError():
                    raise Uncached(expression.evalErrorString())
                return _group([value])

            return group_of
        raise Uncached(tr("Without a field to group by, everything is one group."))


def _names(value: Any) -> list[str]:
    """The fields that a parameter names."""
    if not value:
        return []
    return [str(one) for one in value] if isinstance(value, (list, tuple)) else str(value).split(";")


def _group(values: list[Any]) -> str:
    """A group's name: equal for values that QGIS takes for equal."""
    if any(isinstance(one, float) and math.isnan(one) for one in values):
        raise Uncached(tr("A group that is no number is not cached."))
    plain = [one + 0.0 if isinstance(one, float) else tagged(one) for one in values]
    return json.dumps(plain, default=tag)
