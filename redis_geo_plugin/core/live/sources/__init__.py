"""The kinds of position sources. A new kind is one file with a subclass of ``Source`` and one line here.

A source is imported only when it is used: the window names kinds without a Redis client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, NamedTuple

from ...by_name import load
from ..spec import FeedSpec

if TYPE_CHECKING:
    from .base import Source


class Registered(NamedTuple):
    """Names the module and the class of a source, and its label. ``label`` gets the function that
    translates a literal."""

    module: str
    name: str
    label: Callable[[Callable[[str], str]], str]


# The dialogs offer them in this order. Saved models name them by their place, so new ones come last.
KINDS = {
    "json_keys": Registered("json_keys", "JsonKeys", lambda tr: tr("JSON string per vehicle")),
    "hash_keys": Registered("hash_keys", "HashKeys", lambda tr: tr("hash per vehicle")),
    "hash_fields": Registered("hash_fields", "HashFields", lambda tr: tr("one hash, a field per vehicle")),
    "geoset": Registered("geoset", "GeoSetSource", lambda tr: tr("GEO set")),
    "stream": Registered("stream", "StreamSource", lambda tr: tr("stream")),
    "list_keys": Registered("list_keys", "ListKeys", lambda tr: tr("list per vehicle")),
    "pubsub": Registered("pubsub", "PubSub", lambda tr: tr("channel (pub/sub)")),
    "fleet_string": Registered("fleet_string", "FleetString", lambda tr: tr("one JSON string for the fleet")),
    "json_documents": Registered(
        "json_documents", "JsonDocuments", lambda tr: tr("JSON document per vehicle")
    ),
    "fleet_document": Registered(
        "fleet_document", "FleetDocument", lambda tr: tr("one JSON document for the fleet")
    ),
    "track_sets": Registered("track_sets", "TrackSets", lambda tr: tr("sorted set by time")),
    "paired_keys": Registered("paired_keys", "PairedKeys", lambda tr: tr("a key per coordinate")),
    "time_series": Registered("time_series", "TimeSeries", lambda tr: tr("a time series per coordinate")),
    "labelled_series": Registered(
        "labelled_series", "LabelledSeries", lambda tr: tr("time series found by their labels")
    ),
}


# The kinds that can be written too (``core.live.publish``), the tutorial's first.
WRITTEN = (
    "json_keys",
    "hash_keys",
    "hash_fields",
    "geoset",
    "stream",
    "list_keys",
    "pubsub",
    "fleet_string",
)


def source_class(kind: str) -> type[Source]:
    """Return the class of a kind. Raises ValueError for an unknown kind."""
    if kind not in KINDS:
        raise ValueError(f"no position source of kind {kind!r}")
    found: type[Source] = load(__name__, KINDS[kind].module, KINDS[kind].name)
    return found


def make_source(spec: FeedSpec) -> Source:
    """Return the source of a feed."""
    return source_class(spec.kind)(spec)
