"""The reasons for a proposal in words."""

from __future__ import annotations

from typing import Any

from ...bridge.i18n import tr


def kind_text(kind: str) -> str:
    """A kind of source in words."""
    return {
        "json_keys": tr("JSON string per vehicle"),
        "hash_keys": tr("hash per vehicle"),
        "hash_fields": tr("one hash, a field per vehicle"),
        "geoset": tr("GEO set"),
        "stream": tr("stream"),
        "list_keys": tr("list per vehicle"),
        "pubsub": tr("channel (pub/sub)"),
        "fleet_string": tr("one JSON string for the fleet"),
    }.get(kind, kind)


def reason_sentence(code: str, values: dict[str, Any]) -> str:
    """One reason as a sentence."""
    forms = {
        "s": tr("seconds since 1970"),
        "ms": tr("milliseconds since 1970"),
        "iso": tr("ISO 8601 with a zone"),
        "iso_utc": tr("ISO 8601 without a zone, read as UTC"),
        "": tr("unknown form"),
    }
    sentences = {
        "positions": tr("{good} of {rows} records looked at hold a position."),
        "fields": tr("Longitude is {lon}, latitude is {lat}."),
        "pair_lonlat": tr("{field} holds both, read as longitude, latitude."),
        "pair_latlon": tr("{field} holds both, read as latitude, longitude."),
        "time": tr("The time of the report is {field}: {form}."),
        "no_time": tr("No time of report: the moment of reading is taken."),
        "motion": tr("Heading: {heading}; speed: {speed} ({unit})."),
        "geo_members": tr("Members of a GEO set: positions as Redis holds them, to 0.6 m."),
        "details": tr("Details of each member stand in {template}."),
        "stream": tr("A stream: its history is read too."),
        "list": tr("Lists, newest first: the older positions are read too."),
        "channel": tr("A channel is heard only while the feed runs; there is nothing to read at its start."),
        "fleet": tr("The whole fleet stands in one value, which is read anew when it changes."),
        "newest_last": tr("The lists have their newest entry at the end."),
    }
    filled = {key: value if value != "" else tr("none") for key, value in values.items()}
    if "form" in values:
        filled["form"] = forms.get(values["form"], values["form"])
    return sentences[code].format(**filled) if code in sentences else code
