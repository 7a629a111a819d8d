"""Zones for tests of edits: their GeoJSON, and what a layer, the message bar and the writer say of them."""

from __future__ import annotations

import json

import shapely

MOVED = "POLYGON((5 45,6 45,6 46,5 45))"


def zone(number: int, **more) -> dict:
    area = json.loads(shapely.to_geojson(shapely.box(2, 48, 2.5 + number / 100, 49)))
    return {"type": "Feature", "id": f"z{number}", "geometry": area, "hidden": {"kept": [1.5]},
            "properties": {"name": f"zone {number}", "n": number, "seen": "2026-11-29T10:11:12Z"}, **more}  # fmt: skip


def rows(layer) -> dict:
    return {row["redis_id"]: row for row in layer.getFeatures()}


def told(iface) -> str:
    return " ".join(text for _level, text in iface.bar.messages)


def settled(edits, wait_until):
    wait_until(lambda: not any(edits._waiting.values()))
