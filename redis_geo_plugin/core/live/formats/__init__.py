"""Known formats of positions. A new one is one file with a subclass of ``Format`` and one line in
``FORMATS``.

``find`` recognises the format of a sample; ``unfold`` makes records of a value that holds a whole fleet.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Callable, Optional

from .ais_catcher import AisCatcher
from .aisstream import AisStream
from .aprs_fi import AprsFi
from .base import Fleet, Format, Record
from .debezium import Debezium
from .digitraffic import DigitrafficShips, DigitrafficTrains
from .flespi import Flespi
from .flightradar24 import Flightradar24
from .garmin import Garmin
from .gbfs import Gbfs
from .geofire import GeoFire
from .geolocation import Geolocation
from .gpsd import Gpsd
from .gtfs_realtime import GtfsRealtime
from .home_assistant import HomeAssistant
from .marine_traffic import MarineTraffic
from .mavlink import Mavlink
from .ngsi import Ngsi
from .nmea import Nmea
from .opensky import OpenSky
from .owntracks import OwnTracks
from .readsb import Readsb
from .redis_om import RedisOm
from .signalk import SignalK
from .siri import Siri
from .traccar import Traccar
from .virtual_radar import VirtualRadar

FORMATS: tuple[Format, ...] = (
    OwnTracks(),
    Traccar(),
    Readsb(),
    OpenSky(),
    Flightradar24(),
    AprsFi(),
    AisStream(),
    DigitrafficShips(),
    DigitrafficTrains(),
    AisCatcher(),
    MarineTraffic(),
    SignalK(),
    VirtualRadar(),
    Mavlink(),
    GtfsRealtime(),
    Siri(),
    Gbfs(),
    Flespi(),
    GeoFire(),
    Ngsi(),
    HomeAssistant(),
    Geolocation(),
    Gpsd(),
    Garmin(),
    Debezium(),
    RedisOm(),
    Nmea(),
)
_BY_NAME = {one.NAME: one for one in FORMATS}


def get(name: str) -> Optional[Format]:
    """Return a format by its name; None for an unknown one, which a newer version may have saved."""
    return _BY_NAME.get(name)


def record_of(name: str) -> Optional[Callable[[Record], Optional[Record]]]:
    """Return the function that unfolds records of a format; None if they are read as they are."""
    found = _BY_NAME.get(name)
    return None if found is None or type(found)._record is Format._record else found._record


def find(records: Sequence[Record]) -> Optional[Format]:
    """Return the format of sampled records; None if no known format fits."""
    return next((one for one in FORMATS if one.fits(records)), None)


__all__ = ["FORMATS", "Fleet", "Format", "Record", "find", "get", "record_of"]
