"""Sample data for a first look: places in a GEO set, and vessels that move. All of it stands under
``redis-geo-sample:``, expires, and overwrites nothing that others have put there."""

from __future__ import annotations

import csv
import json
import time
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Optional

from .. import keys
from ..geo.raw import good
from ..live import ais
from ..live.publish import PositionReport, is_published, position_json
from ..redis import production
from ..redis.server import Server
from ..redis.sized import Ask, asker
from ..redis.types import Reply, Word
from ..watch import Watch

DATA = Path(__file__).resolve().parents[2] / "resources" / "data"
PREFIX = "redis-geo-sample:"
PLACES = PREFIX + "places"
VEHICLES = PREFIX + "vehicles:"
SETS = {PLACES: "zset", PLACES + keys.GEO_ATTRIBUTES_SUFFIX: "hash"}  # with their types
PLACES_TTL = 7 * 24 * 3600  # seconds
VEHICLE_TTL = 120
FASTER = 10.0  # than the hour was
EVERY = 1.0  # seconds between two positions
STEP = 0.1  # seconds between looks at the cancel button
# Vessels of the sample that sail through most of its hour: ferries, a tug, yachts.
VESSELS = (
    "367531710",
    "367784630",
    "367782880",
    "367782690",
    "366939790",
    "367798420",
    "367000190",
    "338133288",
    "338317251",
    "367790830",
)


class NotOurs(Exception):
    """Another program has written a key of this name."""

    def __init__(self, key: str):
        super().__init__(key)
        self.key = key


@dataclass(frozen=True)
class SamplePlace:
    """A place of the sample, in degrees."""

    name: str
    lon: float
    lat: float
    kind: str


@lru_cache(maxsize=1)
def places() -> tuple[SamplePlace, ...]:
    """The places of the sample."""
    with open(DATA / "places.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(
        SamplePlace(row["member"], float(row["longitude"]), float(row["latitude"]), row["kind"])
        for row in rows
    )


def put_places(server: Server) -> int:
    """Write the places as a GEO set with attributes; returns how many it has. Those that are there are
    renewed.

    Raises:
        NotOurs: a key of this name holds something else.
        StoreError: the connection is a production one, or the server refuses.
    """
    production.check(server.settings)
    names = [server.key(name) for name in SETS]
    own = own_sets(asker(server), names)
    for name, there in zip(names, own):
        if there is False:
            raise NotOurs(name.decode("utf-8", "replace"))
    target, beside = names
    with server.bulk.pipeline(transaction=False) as pipeline:
        for place in places():
            record = {"longitude": place.lon, "latitude": place.lat, "kind": place.kind}
            pipeline.geoadd(target, (place.lon, place.lat, place.name), nx=True)
            pipeline.hsetnx(beside, place.name, json.dumps(record))
        for name in names:
            pipeline.expire(name, PLACES_TTL)
        pipeline.execute()
    return len(places())


def own_sets(ask: Ask, names: list[bytes]) -> list[Optional[bool]]:
    """Whether each of these keys (ends of their names are in ``SETS``) is the sample's: None where there is
    none, False where anything in it is not of the sample."""
    known = {place.name.encode() for place in places()}
    found: list[Optional[bool]] = []
    for name in names:
        kind = _reply(ask, "TYPE", name)
        expected = next((kind for end, kind in SETS.items() if name.endswith(end.encode())), "")
        if kind == b"none":
            found.append(None)
        elif kind != expected.encode():
            found.append(False)
        else:
            count, read = ("ZCARD", ("ZRANGE", name, 0, -1)) if kind == b"zset" else ("HLEN", ("HKEYS", name))
            size = _reply(ask, count, name)
            members = _reply(ask, *read) if isinstance(size, int) and size <= len(known) else None
            found.append(isinstance(members, list) and known.issuperset(members))
    return found


def _reply(ask: Ask, *command: Word) -> Reply:
    """The reply to one command; raises what the server refuses it with."""
    return good(ask([command])[0])


def play(server: Server, watch: Watch) -> int:
    """Let the vessels sail until they are cancelled, or somebody removes or replaces them; returns how many
    sailed. What is left expires by itself.

    Raises StoreError on a production connection, or where the server refuses.
    """
    production.check(server.settings)
    tracks, begun = _tracks(), time.monotonic()
    sailing = _begin(server, tracks)
    count = len(sailing)
    while sailing and not watch.cancelled():
        moment = (time.monotonic() - begun) * FASTER
        with server.bulk.pipeline(transaction=False) as pipeline:
            for ident in sailing:
                pipeline.set(_key(server, ident), tracks[ident].at(moment), ex=VEHICLE_TTL, xx=True)
            written = pipeline.execute()
        sailing = [ident for ident, done in zip(sailing, written) if done]
        _pause(watch)
    return count


def stop(server: Server) -> None:
    """Remove the vessels, after they were cancelled."""
    production.check(server.settings)
    names = [_key(server, ident) for ident in VESSELS]
    server.unlink([name for name, own in zip(names, _own_positions(server, names)) if own])


def remove_places(server: Server) -> None:
    """Remove the places, where they are the sample's."""
    production.check(server.settings)
    names = [server.key(name) for name in SETS]
    server.unlink([name for name, own in zip(names, own_sets(asker(server), names)) if own])


def _begin(server: Server, tracks: dict[str, _Track]) -> list[str]:
    """Put each vessel where it was first; those whose key holds something of others stay away."""
    names = [_key(server, ident) for ident in tracks]
    own = _own_positions(server, names)
    with server.bulk.pipeline(transaction=False) as pipeline:
        for name, track in zip(names, tracks.values()):
            pipeline.set(name, track.at(0.0), ex=VEHICLE_TTL, nx=True)
        new = pipeline.execute()
    return [ident for ident, mine, added in zip(tracks, own, new) if mine or added]


def _own_positions(server: Server, names: list[bytes]) -> list[bool]:
    with server.bulk.pipeline(transaction=False) as pipeline:
        for name in names:
            pipeline.getrange(name, 0, 4095)
        values = pipeline.execute(raise_on_error=False)
    return [isinstance(value, bytes) and is_published(value) for value in values]


def _key(server: Server, ident: str) -> bytes:
    return server.key(VEHICLES + ident)


def _pause(watch: Watch) -> None:
    deadline = time.monotonic() + EVERY
    while time.monotonic() < deadline and not watch.cancelled():
        time.sleep(STEP)


class _Track:
    """The way of a vessel through the hour of the sample, over and over."""

    def __init__(self) -> None:
        self.reports: list[PositionReport] = []
        self.times: list[float] = []

    def add(self, report: PositionReport, moment: float) -> None:
        """Add the next report, ``moment`` seconds after the hour began."""
        self.reports.append(report)
        self.times.append(moment)

    def at(self, moment: float) -> str:
        """The record of this moment: between two reports on the straight line."""
        moment %= self.times[-1]
        after = bisect_right(self.times, moment)
        later = self.reports[after]
        earlier = self.reports[max(after - 1, 0)]
        begun, ended = self.times[max(after - 1, 0)], self.times[after]
        share = (moment - begun) / (ended - begun) if ended > begun else 0.0
        lon = round(earlier.lon + share * (later.lon - earlier.lon), 6)
        lat = round(earlier.lat + share * (later.lat - earlier.lat), 6)
        now = time.time()
        return position_json(PositionReport(now, earlier.id, lon, lat, earlier.attributes), now)


def _tracks() -> dict[str, _Track]:
    tracks = {ident: _Track() for ident in VESSELS}
    begun: Optional[float] = None
    for report in ais.read_reports(DATA / "nyharbor_ais.csv"):
        begun = report.time if begun is None else begun
        if report.id in tracks:
            tracks[report.id].add(report, report.time - begun)
    return tracks
