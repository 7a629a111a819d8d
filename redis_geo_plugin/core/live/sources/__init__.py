"""The kinds of position sources. A new kind is one file with a subclass of ``Source`` and one line here."""

from __future__ import annotations

from importlib import import_module

from ..spec import FeedSpec
from .base import Source

# kind -> (module, class)
KINDS = {
    "json_keys": ("keys_json", "JsonKeys"),
    "hash_keys": ("keys_hash", "HashKeys"),
    "hash_fields": ("hash_fields", "HashFields"),
    "geoset": ("geoset", "GeoSet"),
    "stream": ("stream", "StreamSource"),
    "list_keys": ("keys_list", "ListKeys"),
    "pubsub": ("pubsub", "PubSub"),
    "fleet_string": ("fleet_string", "FleetString"),
}


def source_class(kind: str) -> type[Source]:
    """The class of a kind. Raises ValueError for an unknown one."""
    if kind not in KINDS:
        raise ValueError(f"no position source of kind {kind!r}")
    module, name = KINDS[kind]
    found: type[Source] = getattr(import_module("." + module, __package__), name)
    return found


def make_source(spec: FeedSpec) -> Source:
    """The source of a feed."""
    return source_class(spec.kind)(spec)
