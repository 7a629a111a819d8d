"""The reasons for a proposal in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...bridge.i18n import tr
from .wording import amount

if TYPE_CHECKING:
    from ...core.json_types import JsonObject
    from ...core.live.discovery import Findings


def form_text(form: str) -> str:
    """How times are written, in words."""
    forms = {
        "s": tr("seconds since 1970"),
        "ms": tr("milliseconds since 1970"),
        "us": tr("microseconds since 1970"),
        "ns": tr("nanoseconds since 1970"),
        "ticks": tr("ticks of .NET (100 ns since the year 1)"),
        "digits": tr("year to second in digits, UTC"),
        "text": tr("a date in words"),
        "iso": tr("ISO 8601 with a zone"),
        "iso_utc": tr("ISO 8601 without a zone, read as UTC"),
        "": tr("unknown form"),
    }
    return forms.get(form, form)


def reasons_text(reasons: list[tuple[str, JsonObject]]) -> str:
    """The reasons for a proposal; what is asked is not also said as if it were sure."""
    asked = {code for code, _ in reasons if code.startswith("ask_")}
    left_out: set[str] = set()
    if "ask_order" in asked:
        left_out |= {"pair_lonlat", "pair_latlon", "fields"}
    if "ask_scale" in asked:
        left_out.add("scaled")
    if "ask_time" in asked:
        left_out.add("time")
    if asked & {"ask_order", "ask_crs", "ask_place", "ask_scale", "ask_time"}:
        left_out.add("positions")  # none is shown before the answer
    sentences = []
    for code, values in reasons:
        if code == "motion" and "ask_speed_unit" in asked:
            sentences.append(reason_sentence(code, {**values, "unit": tr("unit unknown")}))
        elif code not in left_out:
            sentences.append(reason_sentence(code, values))
    return " ".join(sentences)


def reason_sentence(code: str, values: JsonObject) -> str:
    """One reason as a sentence."""
    sentences = {
        "positions": tr("{good} of {rows} records looked at hold a position."),
        "fields": tr("Longitude is “{lon}”, latitude is “{lat}”."),
        "pair_lonlat": tr("“{field}” holds both, read as longitude, latitude."),
        "pair_latlon": tr("“{field}” holds both, read as latitude, longitude."),
        "time": tr("The time of the report is “{field}”: {form}."),
        "no_time": tr("No time of report: the moment of reading is taken."),
        "motion": tr("Heading: {heading}; speed: {speed} ({unit})."),
        "format": tr("Messages of {program}: fields and units are known."),
        "identity": tr("The vehicle is known by “{field}”."),
        "date_and_time": tr("The time of the report is {date} and {time} together, read as UTC."),
        "order_by_form": tr("The form of “{field}” says the order."),
        "order_declared": tr("An index of the server says the order of “{field}”."),
        "order_by_values": tr("The values say the order: one of the two is beyond 90."),
        "order_by_others": tr("Other places of the same records say the order."),
        "cells": tr("“{field}” names a cell: its middle is shown, marked as derived."),
        "scaled": tr("The coordinates are integers, multiplied by {factor}."),
        "crs": tr("The coordinates are in {crs}, as the records say."),
        "heading": tr("“{field}” says where the vehicle heads."),
        "unit_by_name": tr("The speed “{field}” is in {unit}, by its name or its producer."),
        "unit_by_motion": tr("The speed “{field}” is in {unit}, by the distances between the positions."),
        "jobs": tr("These look like jobs of a queue, or their results, and no vehicles."),
        "places": tr("These look like places that somebody looked up, and no vehicles."),
        "unit_unknown": tr("Nothing says the unit of “{field}”."),
        "ask_order": tr("Please say whether longitude or latitude comes first in “{field}”."),
        "ask_crs": tr("“{field}” are no degrees: please name their CRS."),
        "ask_place": tr("“{field}” may be another place than the vehicle's: please confirm it."),
        "ask_scale": tr("“{field}” are whole numbers: please say how many make one degree."),
        "ask_time": tr("“{time}” may count from the start of the devices: please confirm that it is a time."),
        "in_china": tr(
            "Maps and phones in China often give positions that are moved by some hundred metres (GCJ-02)."
        ),
        "valid": tr("Records that deny their position in “{field}” are refused."),
        "age": tr("The age “{field}” is taken off the time."),
        "order_by_land": tr("The other order would put “{field}” into the sea."),
        "ask_speed_unit": tr("Please name the unit of {speed}: until then no speed is shown."),
    }
    from ...core.live.sources import KINDS, source_class

    for kind in KINDS:
        sentences.update(source_class(kind).words(tr))
    filled = {key: value if value != "" else tr("none") for key, value in values.items()}
    if "form" in values:
        filled["form"] = form_text(values["form"])
    return sentences[code].format(**filled) if code in sentences else code


def found_text(findings: Findings) -> str:
    """What was looked at and found, and what was left out."""
    text = tr("Looked at {seen} of {total} keys. Kinds of positions found: {n}.")
    if not findings.proposals:
        text = tr("Looked at {seen} of {total} keys and found no positions.")
    sentences = [
        text.format(seen=amount(findings.looked_at), total=amount(findings.total), n=len(findings.proposals))
    ]
    if findings.cancelled:
        sentences.append(tr("It was stopped before the end."))
    elif not findings.complete:
        sentences.append(
            tr("More than that would have burdened the server: a pattern finds what was left out.")
        )
    if findings.skipped:
        largest = max(findings.skipped, key=lambda one: one.size)
        sentences.append(
            tr("{n} keys are too large to look into, the largest is {key}.").format(
                n=amount(len(findings.skipped)), key=largest.key.decode("utf-8", "backslashreplace")
            )
        )
    return " ".join(sentences)
