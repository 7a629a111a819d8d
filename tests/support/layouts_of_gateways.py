"""Messages of networks and brokers that stand between a device and Redis (see layouts.py): each report comes with who heard
it and where that stands, or in an envelope with an id of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.support.layout import Layout, iso, place, register, set_command

VEHICLES = 6
ORIGIN = "https://www.chirpstack.io/docs/chirpstack/integrations/events.html"
GATEWAY = {"latitude": 45.1, "longitude": 5.7, "altitude": 200}


def _stream(
    key: str, now: float, message: Callable[[int, int, float], dict[str, Any]], rounds: int
) -> list[tuple[Any, ...]]:
    """Reports of all vehicles, round after round; ``message(vehicle, number, time)``."""
    return [
        (
            "XADD",
            key,
            "*",
            "data",
            json.dumps(message(i, turn * VEHICLES + i, now - 10 * (rounds - 1 - turn))),
        )
        for turn in range(rounds)
        for i in range(VEHICLES)
    ]


@register
def chirpstack(now: float) -> Layout:
    commands = [
        set_command(f"chirpstack:device:{i}", {
            "deduplicationId": f"3ac7e3c4-{i}", "time": iso(now), "fPort": 1, "data": "AQ==", "dr": 1,
            "deviceInfo": {"deviceName": f"tracker{i}", "devEui": f"010203040506070{i}", "applicationName": "trackers"},
            "rxInfo": [{"gatewayId": "0016c001f153a14c", "rssi": -57, "location": GATEWAY}],
            "object": {"longitude": place(i)[0], "latitude": place(i)[1], "battery": 3.6}})
        for i in range(VEHICLES)
    ]  # fmt: skip
    return Layout("chirpstack", ORIGIN, commands, "chirpstack:device:*", {"3": place(3)}, VEHICLES, time=now)


@register
def things_stack(now: float) -> Layout:
    def message(i: int, number: int, time: float) -> dict[str, Any]:
        heard = {"gateway_ids": {"gateway_id": "roof"}, "time": iso(time), "rssi": -60, "location": GATEWAY}
        return {
            "end_device_ids": {"device_id": f"tracker{i}", "application_ids": {"application_id": "fleet"}},
            "correlation_ids": [f"gs:uplink:{number}"], "received_at": iso(time),
            "uplink_message": {
                "f_cnt": number, "decoded_payload": {"latitude": place(i)[1], "longitude": place(i)[0]},
                "rx_metadata": [heard], "settings": {"timestamp": 2463457000 + number}},
        }  # fmt: skip

    origin = "https://www.thethingsindustries.com/docs/the-things-stack/concepts/data-formats/"
    right = {"tracker3": place(3)}
    return Layout("things_stack", origin, _stream("ttn", now, message, 3), "ttn", right, VEHICLES, time=now)


@register
def meshtastic(now: float) -> Layout:
    def message(i: int, number: int, time: float) -> dict[str, Any]:
        payload = {
            "latitude_i": round(place(i)[1] * 1e7), "longitude_i": round(place(i)[0] * 1e7), "altitude": 113,
            "time": int(time) - 1, "sats_in_view": 11,
        }  # fmt: skip
        return {
            "channel": 0, "from": 2130636288 + i, "id": 452664778 + 7919 * number, "payload": payload, "rssi": -37,
            "sender": "!7efeee00", "timestamp": int(time), "to": 4294967295, "type": "position",
        }  # fmt: skip

    origin = "https://meshtastic.org/docs/software/integrations/mqtt/"
    right = {"2130636291": place(3)}
    return Layout("meshtastic", origin, _stream("msh", now, message, 8), "msh", right, VEHICLES)


@register
def cloud_events(now: float) -> Layout:
    def message(i: int, number: int, time: float) -> dict[str, Any]:
        return {
            "specversion": "1.0", "id": f"A{number}-{7919 * number}", "source": "/gateway", "type": "position",
            "subject": f"bus-{i}", "time": iso(time), "datacontenttype": "application/json",
            "data": {"lat": place(i)[1], "lon": place(i)[0], "speed_kmh": 36},
        }  # fmt: skip

    origin = "https://github.com/cloudevents/spec"
    commands, right = _stream("events", now, message, 8), {"bus-3": place(3)}
    return Layout("cloud_events", origin, commands, "events", right, VEHICLES, speed=10.0, time=now)


@register
def tile38_events(now: float) -> Layout:
    def message(i: int, number: int, time: float) -> dict[str, Any]:
        return {
            "command": "set", "group": f"5c5203ccf5ec4e4f{number}", "detect": "inside", "hook": "depot", "key": "fleet",
            "time": iso(time), "id": f"truck{i}", "object": {"type": "Point", "coordinates": list(place(i))},
        }  # fmt: skip

    right = {"truck3": place(3)}
    return Layout(
        "tile38_events", "https://tile38.com/topics/geofencing", _stream("fence", now, message, 3), "fence", right,
        VEHICLES, time=now)  # fmt: skip
