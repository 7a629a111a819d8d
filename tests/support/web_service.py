"""A small web service such as the tutorial's: it keeps named places in a GEO set and answers who is near.

It uses GEOADD NX and GEORADIUS on ``locations``, and a plain sorted set ``index_locations`` for names, and knows nothing of
the plugin.
"""

from __future__ import annotations

import json
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import redis


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):  # near?longitude=&latitude=&km=
        given = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
        found = self.server.redis.execute_command(
            "GEORADIUS",
            "locations",
            given["longitude"],
            given["latitude"],
            given["km"],
            "km",
            "WITHDIST",
            "ASC",
        )
        self._answer([[name.decode(), float(distance)] for name, distance in found])

    def do_POST(self):  # a place, as JSON; "move" overwrites
        place = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        words = [] if place.get("move") else ["NX"]
        added = self.server.redis.execute_command(
            "GEOADD", "locations", *words, place["longitude"], place["latitude"], place["name"]
        )
        self.server.redis.zadd("index_locations", {place["name"]: 1})
        self._answer(added)

    def _answer(self, content):
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class LocationService:
    """The service on a free port, and its clients' side."""

    def __init__(self, redis_port: int):
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._http.redis = redis.Redis(port=redis_port)
        self._thread = threading.Thread(target=self._http.serve_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()
        self._http.redis.close()

    def add(self, name, longitude, latitude, **more):
        place = {"name": name, "longitude": longitude, "latitude": latitude, **more}
        return self._ask(urllib.request.Request(self._url(), json.dumps(place).encode()))

    def move(self, name, longitude, latitude):
        return self.add(name, longitude, latitude, move=True)

    def near(self, longitude, latitude, km):
        return self._ask(self._url("?" + urlencode({"longitude": longitude, "latitude": latitude, "km": km})))

    def _url(self, rest=""):
        return f"http://127.0.0.1:{self._http.server_port}/{rest}"

    def _ask(self, request):
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)
