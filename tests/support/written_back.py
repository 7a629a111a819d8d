"""A layer as it is for tests of writing back: it shows features as they were read, in any CRS."""

from __future__ import annotations

from redis_geo_plugin.core.features.edits import Edit
from redis_geo_plugin.core.features.reading import ReadRequest, read_features
from redis_geo_plugin.core.features.refusals import Refused, WhyRefused
from redis_geo_plugin.core.features.writing_back import EditWriter

KEPT = object()


class Shown:
    """Shows each feature as it is, in the CRS that it has."""

    def shows(self, feature, edit):
        return (feature.wkb, feature.attributes) == edit.shown[:2]

    def placed(self, edit, crs):
        if not crs:
            raise Refused(WhyRefused.NO_CRS)
        return edit.shown[2]


def features(server, source="zone:*", **how):
    """The features by their ids."""
    return {one.id: one for one in read_features(server, ReadRequest(source, **how)).features}


def edit_of(feature, wkb=KEPT, attributes=None, is_deleted=False):
    is_moved = wkb is not KEPT
    shown = feature.wkb, dict(feature.attributes), wkb
    return Edit(feature.key, feature.id, shown, is_moved, attributes or {}, is_deleted)


def write(server, edits, source="zone:*", has_six=False, **how):
    return EditWriter(server, ReadRequest(source, **how), Shown(), has_six=has_six).write(edits)
