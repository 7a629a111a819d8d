"""Home Assistant: state objects of device trackers and persons.

Source of truth: https://www.home-assistant.io/docs/configuration/state_object/ (last_updated: the state or
an attribute changed) and https://developers.home-assistant.io/docs/api/native-app-integration/sending-data/
(mobile app: speed in m/s). Only what the mobile app sends (with course or vertical_accuracy) has a known
unit of speed. A ``zone`` is a place that somebody drew, a ``geo_location`` an event such as an earthquake.
"""

from __future__ import annotations

from typing import Optional

from ..spec import Mapping
from .base import Format, Record, has, inner

NO_VEHICLES = ("zone.", "geo_location.")


class HomeAssistant(Format):
    """Phones and persons of a home."""

    NAME = "home_assistant"
    PROGRAM = "Home Assistant"
    READS = "entity_id, last_updated; in attributes: latitude, longitude, course, speed"
    UNITS = "speed of the mobile app: m/s"
    SOURCE = "https://developers.home-assistant.io/docs/api/native-app-integration/sending-data/"
    MAPPING = Mapping(
        id="entity_id",
        lon="attributes.longitude",
        lat="attributes.latitude",
        time="last_updated",
        heading="attributes.course",
        speed="attributes.mobile_speed",
        speed_unit="m/s",
    )

    def _matches(self, record: Record) -> bool:
        named = isinstance(record.get("entity_id"), str) and "." in record["entity_id"]
        return (
            named
            and has(record, "state", "last_updated")
            and has(inner(record, "attributes"), "latitude", "longitude")
        )

    def _record(self, data: Record) -> Optional[Record]:
        said = inner(data, "attributes")
        if not has(said, "latitude", "longitude") or str(data.get("entity_id")).startswith(NO_VEHICLES):
            return None
        if "speed" in said and ("course" in said or "vertical_accuracy" in said):
            rest = {name: value for name, value in said.items() if name != "speed"}
            return {**data, "attributes": {**rest, "mobile_speed": said["speed"]}}
        return data
