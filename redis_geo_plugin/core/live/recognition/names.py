"""What the names of fields suggest. This is only a prior: the values decide (see the other modules of this
package)."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9À-\uffff]+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


LATITUDE = _words("""
    breite breitengrad gpslat gpslatitude lat latitud latitude latitudine широта 緯度 纬度
""")
LONGITUDE = _words("""
    gpslng gpslon gpslong gpslongitude laenge laengengrad lange langengrad lng lon long longitud
    longitude longitudine долгота 經度 经度
""")
NORTH = _words("northing y ycoord yl93")
EAST = _words("easting x xcoord xl93")
# What coordinates are multiplied by, where their names say it; None where they cannot be read.
SCALES = {
    **dict.fromkeys(("e7",), 1e-07),
    **dict.fromkeys(("e6", "microdegrees", "microdeg", "udeg"), 1e-06),
    **dict.fromkeys(("e5",), 1e-05),
    **dict.fromkeys(("semicircle", "semicircles"), 180.0 / 2**31),
    **dict.fromkeys(("mas", "milliarcseconds"), 1.0 / 3_600_000.0),
    **dict.fromkeys(("rad", "rads", "radian", "radians", "arcmin", "arcsec", "arcminutes", "arcseconds")),
}
DEGREES = _words("d deg degree degrees grad gradi grados")  # of an angle, beside its minutes
MINUTES = _words("m min mins minute minutes minuten minuti minutos")
SIXTIETHS = MINUTES | _words("s sec secs second seconds secondes segundos sekunden")
CRS = _words("crs epsg epsgcode srid sridcode srs wkid")
# Fields that name a datum or the like in words, and the ones that mean WGS 84.
DATUM = _words("""
    coordinatesystem coordinatetype coordsys coordsystem coordtype datum geodeticdatum referencesystem
    refsystem
""")
WGS84 = _words("4326 crs84 epsg4326 gps ogccrs84 wgs wgs84 worldgeodeticsystem1984")
# In the names of coordinates: moved by law or by a map's maker (GCJ-02, BD-09), by hundreds of metres.
MOVED = _words("amap baidu bd bd09 bd09ll gaode gcj gcj02 mars")

PLACE = _words("""
    coord coordinate coordinates coords fix geo geog geojson geolocation geom geometry geopoint gps
    latlng latlon lnglat loc localisation location lonlat place point pos posicion position shape
    standort ubicacion value where wkb wkt xy
""")
# Of those, the ones that no map of a game or plan of a building has: ``x`` and ``y`` below them are degrees.
ON_EARTH = _words("""
    coord coords coordinates geo geog geolocation geom geometry geopoint gps latlng latlon lnglat loc
    localisation location lonlat standort ubicacion
""")
LATITUDE_FIRST = _words("latlng latlon latlong")
LONGITUDE_FIRST = _words("lnglat lonlat xy")
# Places of something other than the vehicle.
ELSEWHERE = _words("""
    address addresses anchor antenna arrival basestation bbox billing bounds center centre customer
    delivery departure depot dest destination drop dropoff dropofflocation dst end from gateway
    geofence geoip gw home hotel hotspot launch max merchant min ne nearest next northeast nw old
    operator origin pickup pickuplocation pilot poi prev previous receiver recipient restaurant rx
    school se sender shipping shop source southwest src start stop store sw takeoff target to tower
    view viewport waypoint waypoints work zone
""")
# Lists of the receivers of a report, each with its own place, within the report.
HEARD_BY = _words("anchor anchors gateway gateways gw gws hotspot hotspots receivers rx")

# In order of preference.
_IN_ORDER = """
    fixtime phenomenontime timestamp ts tst time datetime timeutc utc gpstime basedatetime observedat
    recordedat recordedattime reportedat eventtime devicetime timeposition lastupdate lastupdated
    updatedat updated updatetime lastseen lastcontact lastreported timestampms timems epoch unixtime
    moment at when t dateobserved horodatage rxtime servertime receivedat zeit zeitstempel fecha
    fechahora date datum seen dt
"""
TIMES = tuple(_IN_ORDER.split())
TIME = _words("""
    at contact date datetime datum epoch event fecha fix fixtime heure hora horodatage last moment
    millis observed received recorded report reported rx seen stamp t time timestamp ts tst unixtime update
    updated utc when zeit zeitstempel
""")
LOCAL = _words("local lokal locale ortszeit")
ZONES = _words("""
    gmtoffset timezone timezoneid timezoneoffset tz tzoffset utcoffset utcoffsetminutes utcoffsetseconds
""")
UTC = frozenset({"utc", "gmt", "z", "0", "0.0", "+00:00", "-00:00", "+0000", "etc/utc", "etc/gmt"})
SECONDS = _words("sec secs seconds")  # of a moment in an object, beside its nanoseconds
OTHER_TIME = _words("""
    arrival birth booked built changed create created deadline departure due end ended eta etd expected
    expiration expire expires expiry first hired inspection installed joined login maintenance next
    planned previous registered registration scheduled service signup since start started stop ttl until
    valid
""")
RECEIVED = _words("ingest ingested inserted kafka processed received rx server stored")
ENVELOPE = _words("meta metadata")  # around a report, with a time of its own: of its way, not of the report
DAY = _words("data date datum day dia dt fecha jour tag")
CLOCK = _words("clock heure hora hour ora time tm uhrzeit utc zeit")

_IDS = {
    0.9: """
        vehicleid deviceid uniqueid mmsi imei hex icao icao24 icaoid hexident vehiculeid busid
        truckid trackerid assetid unitid bikeid deveui taxiid vesselid vehicleref vehiclenumber boatid shipid
        trainid droneid entityid imo vin
    """,
    0.88: "driverid",
    0.85: """
        ident terminalid machineid equipmentid robotid scooterid stationid riderid
        courierid carid car sensorid sensor tag tagid nodeid
    """,
    0.8: """
        id uid uuid guid pk objectid identifier
    """,
    0.75: """
        plate licenseplate registration callsign trainnumber serial serialnumber vehicle vehicule
        device tracker bus truck unit asset who vehicleno busno plateno platenumber regno
        registrationnumber srccall mac macaddress tailnumber flightnumber fleetnumber shipname
        vesselname serialno imsi iccid
    """,
    0.72: "driver",
    0.6: """
        name label member subject flight userid user tid topic rider courier station
    """,
    0.5: "key from",
}
IDS = {name: certainty for certainty, text in _IDS.items() for name in text.split()}
GROUPS = _words("""
    agency area block city company correlation customer event fleet group job line message msg offset
    operator order packet region request route run seq sequence session shift status stop task tenant
    trace transaction trip type version zone
""")
HEADING = _words("""
    angle azimut azimuth bear bearing cap dir direction hdg heading richtung rumbo
    trueheading yaw
""")
COURSE = _words("cog course courseoverground kurs rumbo track truetrack")
WAY_ALONG = _words("dir direction track")  # also of a line: there or back
NOT_HEADING = _words("accuracy antenna camera gimbal id magvar rate swell variation wave wind")
# Of a heading: it is not in degrees, or not from the north that the map has.
OTHER_ANGLE = _words("""
    cdeg centideg centidegrees mag magnetic milliradians mils mrad rad radian radians rads
""")
TURNED = _words("angle yaw")  # names of angles that others count in radians, and from the east
SPEED = _words("""
    geschwindigkeit groundspeed gs kmh knots kph mph sog spd speed speedkmh speedkph speedmps speedms
    speedoverground tempo vel velocidad velocita velocity vitesse
""")
NOT_SPEED = _words("""
    accuracy air allowed average avg cruise download engine fan internet limit max median min network
    over rpm target top typ type unit units uom upload vertical wind
""")
_UNITS = {
    "km/h": "kmh kph kmph speedkmh speedkph kilometersperhour",
    "m/s": "ms mps speedms speedmps meterspersecond",
    "kn": "kn kt kts knots knot sog",
    "mph": "mph milesperhour",
}
UNITS = {name: unit for unit, text in _UNITS.items() for name in text.split()}
_UNIT_WORDS = {
    "km/h": "km/h kmh kph kmph kmhr",
    "m/s": "m/s mps ms",
    "mph": "mph mi/h",
    "kn": "kn kt kts knots knot",
}
UNIT_WORDS = {name: unit for unit, text in _UNIT_WORDS.items() for name in text.split()}
GEOHASH = _words("geohash ghash")


@lru_cache(maxsize=5000)
def words(name: str) -> tuple[str, ...]:
    """Return the words of a name in lower case and without accents: ``currentLat``, ``pos_lat`` ->
    (``current``, ``lat``)."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return tuple(word.lower() for word in _CAMEL.split(bare) if word)


@lru_cache(maxsize=5000)
def normal(name: str) -> str:
    """Return the words of a name as one: ``last_update``, ``lastUpdate`` -> ``lastupdate``."""
    return "".join(words(name))
