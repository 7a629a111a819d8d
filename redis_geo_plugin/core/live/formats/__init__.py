"""Known formats of positions. A new one is one file with a subclass of ``Format`` and one line in
``FORMATS``.

``find`` recognises the format of a sample; ``unfold`` makes records of a value that holds a whole fleet.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Callable, Optional

from .ais_catcher import AisCatcher
from .aisstream import AisStream
from .aprs import Aprs
from .aprs_fi import AprsFi
from .base import Fleet, Format, Record
from .bustime import BusTime
from .change_rows import ChangeRows
from .debezium import Debezium
from .digitraffic import DigitrafficShips, DigitrafficTrains
from .elasticsearch import Elasticsearch
from .firehose import Firehose
from .flespi import Flespi
from .flightradar24 import Flightradar24
from .garmin import Garmin
from .gbfs import Gbfs
from .geofire import GeoFire
from .geolocation import Geolocation
from .geotab import Geotab
from .gpsd import Gpsd
from .gtfs_realtime import GtfsRealtime
from .home_assistant import HomeAssistant
from .hsl import Hsl
from .marine_traffic import MarineTraffic
from .mavlink import Mavlink
from .meshtastic import Meshtastic
from .nextbus import NextBus
from .ngsi import Ngsi
from .nmea import Nmea
from .nmea_sentences import NmeaSentences
from .opensky import OpenSky
from .owntracks import OwnTracks
from .readsb import Readsb
from .redis_om import RedisOm
from .ros import Ros
from .sbs import Sbs
from .senml import SenMl
from .signalk import SignalK
from .siri import Siri
from .teltonika import Teltonika
from .thingsboard import ThingsBoard
from .traccar import Traccar
from .typed_values import TypedValues
from .virtual_radar import VirtualRadar
from .wialon import Wialon

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
    Meshtastic(),
    GtfsRealtime(),
    Siri(),
    Gbfs(),
    NextBus(),
    Flespi(),
    GeoFire(),
    Ngsi(),
    HomeAssistant(),
    Geolocation(),
    Gpsd(),
    Garmin(),
    Debezium(),
    RedisOm(),
    ChangeRows(),
    Geotab(),
    Hsl(),
    NmeaSentences(),
    SenMl(),
    Teltonika(),
    ThingsBoard(),
    Wialon(),
    Sbs(),
    Aprs(),
    Ros(),
    Nmea(),
    BusTime(),
    Firehose(),
    Elasticsearch(),
    TypedValues(),
)
_BY_NAME = {one.NAME: one for one in FORMATS}


def get(name: str) -> Optional[Format]:
    """Return a format by its name; None for an unknown one, which a newer version may have saved."""
    return _BY_NAME.get(name)


def record_of(name: str) -> Optional[Callable[[Record], Optional[Record]]]:
    """Return the function that unfolds records of a format; None if they are read as they are."""
    found = _BY_NAME.get(name)
    return None if found is None or type(found)._record is Format._record else found.record


def several_of(name: str) -> Optional[Callable[[Record], list[Record]]]:
    """Return what gives the records that one of a format holds; None where that is always one."""
    found = _BY_NAME.get(name)
    return None if found is None or type(found)._several is Format._several else found.several


def one_report(value: list[object]) -> Optional[Record]:
    """Return the record that a list is in formats which write one report as a list; None for others."""
    for one in FORMATS:
        found = one.fleet(value) if one.REPORTS_IN_LISTS else None
        if found and len(found) == 1:
            return found[0][1]
    return None


def find(records: Sequence[Record]) -> Optional[Format]:
    """Return the format of sampled records; None if no known format fits."""
    return next((one for one in FORMATS if one.fits(records)), None)


__all__ = ["FORMATS", "Fleet", "Format", "Record", "find", "get", "one_report", "record_of", "several_of"]
