"""What the names of fields suggest. This is only a prior: the values decide (see the other modules of this
package)."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from ..scales import SEMICIRCLES

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
# In the name of a speed: that along one axis.
AXES = LATITUDE | LONGITUDE | NORTH | EAST | _words("down east north up z")
# What coordinates are multiplied by, where their names say it; None where they cannot be read.
SCALES = {
    **dict.fromkeys(("e7",), 1e-07),
    **dict.fromkeys(("e6", "microdegrees", "microdeg", "udeg"), 1e-06),
    **dict.fromkeys(("e5",), 1e-05),
    **dict.fromkeys(("semicircle", "semicircles"), SEMICIRCLES),
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
    latlng latlon latlong lnglat loc localisation location lonlat place point pos posicion position shape
    standort ubicacion value where wkb wkt xy
""")
# Of those, the ones that no game and no plan of a building has: ``x`` and ``y`` below them are degrees. The
# ``location`` of a tag in a hall is in metres.
ON_EARTH = _words("geo geog geolocation geom geometry geopoint gps latlng latlon lnglat lonlat")
# Amounts along the axes, which are no place: how exact it is, how fast it changes, what presses.
ALONG_AN_AXIS = _words("""
    acc accel acceleration accelerometer accuracy delta deviation diff err error force gforce gyro imu
    jerk offset precision rate sd sigma speed std stddev uncertainty var variance vel velocity
""")
LATITUDE_FIRST = _words("latlng latlon latlong")
LONGITUDE_FIRST = _words("lnglat lonlat xy")
# Places of something other than the vehicle.
ELSEWHERE = _words("""
    accident address addresses anchor antenna arrival basestation bbox billing bounds center centre
    centroid collision customer delivery departure depot desired dest destination drop dropoff
    dropofflocation dst end expected forecast from gateway geofence geoip gw hazard home hotel hotspot
    incident launch max merchant midpoint min ne nearest next northeast nw old operator origin pickup
    pickuplocation pilot planned poi predicted prediction prev previous receiver recipient ref reference
    restaurant rx school se sender shipping shop solar source southwest src start stop store sw takeoff
    target to tower venue view viewport waypoint waypoints work zone
""")
# Names of objects and fields that are the vehicle's own, of its report, or of an envelope around it.
OWN = _words("""
    actual after agg ais arg args attribute attributes attrs auto avl best body calculated computed con
    content context core corrected cur curr current currently data dec decimal decoded deg detail
    details dev doc document entity est estimated event exact feature features field fields filtered
    final fine fixed fused gnss header hit info item kalman known last lastknown latest live main map
    matched me measured message moving msg my native nav navigation new newimage newest now obj object
    obs observation original own packet params parsed payload plain point pose present properties props
    raw read reading readings real recent record refined report reported reporting result row sample
    self sensor signal sim smooth smoothed snap snapped spatial stat state stats status telemetry the
    track tracked tracking trk true unit update updated val value values where wgs wgs84
""")
# Who moves: beside an order or a shop, a place under such a name is the vehicle's.
MOVERS = _words("""
    agv aircraft airplane ambulance amr animal asset beacon bike boat bus cab car carrier cart child
    collar courier craft cyclist dasher deliverer deliveryman device driver drone equipment excavator
    ferry fleet flight glider helicopter livreur locomotive lorry machine messenger metro mobile
    motorbike motorcycle mover patrol pet phone plane player rider robot rover runner scooter ship
    shuttle smartphone tag taxi technician tracker tractor trailer train tram truck uav van veh vehicle
    vehicule vessel walker worker yacht
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
BARE_TIMES = _words(
    "clock gpstime stamp t tick ticks time timestamp timestampsample tm ts tst"
)  # whole names
# In the name of a time: that of the position itself.
OF_FIX = _words("fix gnss gps location measured observed pos position sample sampled")
OTHER_PLACE = ELSEWHERE - _words(
    "anchor dest from max min receiver ref reference rx se source to"
)  # of others' times
LOCAL = _words("local lokal locale ortszeit")
ZONES = _words("""
    gmtoffset timezone timezoneid timezoneoffset tz tzoffset utcoffset utcoffsetminutes utcoffsetseconds
""")
UTC = frozenset({"utc", "gmt", "z", "0", "0.0", "+00:00", "-00:00", "+0000", "etc/utc", "etc/gmt"})
# Counts from the start of a device, and how large counts since 1970 of these units are at least.
SINCE_START = _words("boot timebootms uptime")
SIZES = {
    **dict.fromkeys(("ms", "msec", "millis", "milliseconds"), 1e11),
    **dict.fromkeys(("us", "usec", "micros", "microseconds"), 1e14),
    **dict.fromkeys(("ns", "nsec", "nanos", "nanoseconds"), 1e17),
}
SECONDS = _words("sec secs seconds")  # of a moment in an object, beside its nanoseconds
OTHER_TIME = _words("""
    arrival birth booked built changed create created deadline departure due end ended eta etd expected
    expiration expire expires expiry first hired inspection installed joined login maintenance next
    parking planned previous registered registration scheduled service signup since stale start started
    stop ttl until valid
""")
RECEIVED = _words("""
    ingest ingested inserted kafka processed published received rx send sending sent server stored
    transmission transmit transmitted upload uploaded
""")
# What ships, aircraft and buoys say of themselves, in fields and in the names of keys: they are at sea too.
AT_SEA = _words("""
    ais aircraft airline airplane boat boats buoy buoys callsign destinationport drifter draught ferries
    ferry fishing flight flights glider hex icao icao24 imo marine mmsi navigationstatus navstatus plane
    planes sail ship shipname ships shiptype sog squawk vessel vesselid vesselname vessels yacht
    yachts
""")
# What drives on roads or rails: where it is, there is land.
ON_LAND = _words("""
    bike bikes bus buses cab cabs car cars courier couriers driver drivers ignition licenseplate lorries
    lorry moto motorbike odometer plate rider riders road scooter scooters shuttle street taxi taxis
    train trains tram trams truck trucks tyre van vans vehicle vehicles vehicule vehicules vin
""")
# What is measured of services and their answers.
MEASURED = _words("latency p50 p75 p90 p95 p99 p999 qps requests rps throughput")
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
        courierid carid car vid sensorid sensor tag tagid nodeid
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
NOT_HEADING = _words("""
    accuracy antenna arm blade boom bucket camera crane gimbal id lean magvar moon panel pitch rate roll
    rudder sat satellite satellites slope solar steer steering sun swell tilt turn variation wave wheel
    wind
""")
# Of a heading: it is not in degrees, or not from the north that the map has.
OTHER_ANGLE = _words("""
    cdeg centideg centidegrees mag magnetic milliradians mils mrad rad radian radians rads
""")
SAYS_HEADING = _words("bearing cog courseoverground hdg heading trueheading truetrack")  # and nothing else
TURNED = _words("angle yaw")  # names of angles that others count in radians, and from the east
SPEED = _words("""
    geschwindigkeit groundspeed gs kmh knots kph mph sog spd speed speedkmh speedkph speedmps speedms
    speedoverground tempo vel velocidad velocita velocity vitesse
""")
NOT_SPEED = _words("""
    accuracy air allowed average avg cm cms cruise download engine fan internet limit max median min network
    fpm fps ft mm mms over rpm target tenths top typ type unit units uom upload vertical wind x10 x100
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
