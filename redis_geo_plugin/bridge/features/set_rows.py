"""Rows for the layers of a live set, made in the thread that reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsFeature,
    QgsFields,
    QgsWkbTypes,
)

from .. import compat
from .layers import KINDS, FeatureTable

if TYPE_CHECKING:
    from ...core.features.attributes import SetField
    from ...core.features.reader import SetFeature
    from ...core.features.reading import FeatureSet


class Layout(NamedTuple):
    """The form of the layers: their fields, the CRS and its name, the type of geometry of each kind there is,
    and whether encoded lines have six decimals."""

    fields: QgsFields
    columns: list[SetField]
    crs: QgsCoordinateReferenceSystem
    types: dict[str, QgsWkbTypes.Type]
    crs_text: str
    has_six: bool = False


class SetRows:
    """Learns the form of the layers from all features so far, and makes their rows.

    ``layout`` is read by the window, and replaced whole by the thread.
    """

    def __init__(self, context: QgsCoordinateTransformContext):
        self.layout: Optional[Layout] = None
        self._context = context
        self._table: Optional[FeatureTable] = None

    def fits(self, found: FeatureSet) -> bool:
        """Learn from more features; False where rows given before have another form now: a field is wider, a
        kind has parts or heights, the CRS is known for the first time."""
        before = self.layout
        if self._table is None or (before is not None and not before.crs.isValid() and found.crs):
            self._table = FeatureTable(found)
        else:
            self._table.extend(found)
        table = self._table
        types = {kind: table.wkb_type(kind) for kind in KINDS if table.counts[kind]}
        if not types or table.without:
            types.setdefault(table.main, table.wkb_type(table.main))
        has_six = found.has_six or (before is not None and before.has_six and not found.judged_together)
        self.layout = Layout(table.fields, table.columns, table.crs, types, table.crs_text, has_six)
        return before is None or _holds(self.layout, before)

    def rows(self, features: Sequence[SetFeature]) -> list[list[tuple[str, object]]]:
        """The rows of each feature, none where it cannot be put into the CRS of the others."""
        assert self._table is not None
        found: list[list[tuple[str, object]]] = [[] for _ in features]
        places = {id(one): number for number, one in enumerate(features)}
        for kind, feature, of in self._table.rows(list(features), self._context, _nothing):
            found[places[id(of)]].append((kind, QgsFeature(feature)))
        return found


def _nothing(_feature: SetFeature) -> None:
    """A feature that is lost has no row, by which it is counted."""


def _holds(layout: Layout, before: Layout) -> bool:
    """Whether layers of the form before become those of a layout by new fields at the end, and new layers."""
    same_fields = layout.columns[: len(before.columns)] == before.columns
    same_types = all(
        kind in layout.types and compat.number(layout.types[kind]) == compat.number(one)
        for kind, one in before.types.items()
    )
    return same_fields and same_types and (layout.crs == before.crs)
