"""How a server is reached: plain data, without redis-py, so that it is cheap to import and to pass between threads."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Optional
from urllib.parse import parse_qs, quote, unquote, urlsplit

DEFAULT_PORT = 6379
ENVIRONMENT_URL = "REDIS_GEO_URL"


class Deployment(str, Enum):
    """What stands behind the address."""

    SINGLE = "single"
    SENTINEL = "sentinel"
    CLUSTER = "cluster"


@dataclass(frozen=True)
class ConnectionSettings:
    """One way to a Redis or Valkey server.

    ``nodes`` are further (host, port) pairs: the other sentinels, or more seeds of a cluster. ``key_prefix`` stands
    before every key that the plugin reads or writes (tenants). ``production`` makes the connection read-only by
    default. ``search_replicas`` sends searches to the replicas that Sentinel knows. The password is never part of ``repr`` nor of ``url()``.
    """

    name: str = ""
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    database: int = 0
    username: str = ""
    password: str = field(default="", repr=False)
    unix_socket: str = ""
    tls: bool = False
    tls_ca: str = ""
    tls_certificate: str = ""
    tls_key: str = ""
    deployment: Deployment = Deployment.SINGLE
    service: str = ""
    nodes: tuple[tuple[str, int], ...] = ()
    key_prefix: str = ""
    production: bool = False
    search_replicas: bool = False

    def url(self) -> str:
        """The address as a URL for people: it never holds a password."""
        user = quote(self.username, safe="") + "@" if self.username else ""
        if self.unix_socket:
            return f"unix://{user}{self.unix_socket}?db={self.database}"
        scheme = "rediss" if self.tls else "redis"
        if self.deployment is not Deployment.SINGLE:
            scheme += "+" + self.deployment.value
        hosts = ",".join(_host_port(h, p) for h, p in ((self.host, self.port), *self.nodes))
        path = f"/{self.service}/{self.database}" if self.deployment is Deployment.SENTINEL else f"/{self.database}"
        return f"{scheme}://{user}{hosts}{path}"

    def with_secret(self, username: str, password: str) -> ConnectionSettings:
        """The same connection with the credentials of QGIS's authentication database."""
        return replace(self, username=username or self.username, password=password)


class InvalidUrl(ValueError):
    """A URL that does not name a Redis or Valkey server. Its text never repeats the URL, which may hold a password."""


def from_url(url: str, name: str = "") -> ConnectionSettings:
    """Read ``redis://``, ``rediss://``, ``valkey://``, ``valkeys://``, ``unix://``, and ``+sentinel`` or ``+cluster``.

    Raises InvalidUrl for anything else.
    """
    scheme, _, rest = url.strip().partition("://")
    base, _, kind = scheme.lower().partition("+")
    if base not in ("redis", "rediss", "valkey", "valkeys", "unix") or not rest:
        raise InvalidUrl("expected redis://host:port/db, rediss://…, valkey://… or unix:///path")
    if kind and kind not in (Deployment.SENTINEL.value, Deployment.CLUSTER.value):
        raise InvalidUrl("after the + only sentinel or cluster are known")
    userinfo, at, address = rest.rpartition("@")
    username, _, password = userinfo.partition(":") if at else ("", "", "")
    try:
        hosts_part, path, query_part = _split_address(address)
        query = {k: v[-1] for k, v in parse_qs(query_part).items()}
        common: dict[str, Any] = {
            "name": name,
            "username": unquote(username),
            "password": unquote(password),
            "key_prefix": query.get("prefix", ""),
            "search_replicas": query.get("replicas", "") == "1",
            "tls_ca": query.get("ssl_ca_certs", ""),
            "tls_certificate": query.get("ssl_certfile", ""),
            "tls_key": query.get("ssl_keyfile", ""),
        }
        if base == "unix":
            return ConnectionSettings(
                unix_socket=unquote(hosts_part + path), database=_database(query.get("db", "0")), **common
            )
        hosts = [_split_host(h) for h in hosts_part.split(",")]
        segments = [s for s in path.split("/") if s]
        service = segments.pop(0) if kind == Deployment.SENTINEL.value and segments else ""
        database = _database(segments[0] if segments else query.get("db", "0"))
    except ValueError:
        raise InvalidUrl("the port and the database must be numbers") from None  # its text repeats the address
    return ConnectionSettings(
        host=hosts[0][0],
        port=hosts[0][1],
        database=database,
        tls=base in ("rediss", "valkeys"),
        deployment=Deployment(kind or "single"),
        service=service,
        nodes=tuple(hosts[1:]),
        **common,
    )


def from_environment() -> Optional[ConnectionSettings]:
    """The connection of ``REDIS_GEO_URL``, or None where the variable is not set. Raises InvalidUrl."""
    url = os.environ.get(ENVIRONMENT_URL, "")
    return from_url(url, ENVIRONMENT_URL) if url else None


def read_nodes(text: str) -> tuple[tuple[str, int], ...]:
    """``host:port, [::1]:port`` as pairs; a missing port is 6379. Raises ValueError for a port that is no port."""
    try:
        return tuple(_split_host(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise ValueError(f"host:port, host:port: {text}?") from error


def write_nodes(nodes: tuple[tuple[str, int], ...]) -> str:
    """The inverse of ``read_nodes``."""
    return ", ".join(_host_port(host, port) for host, port in nodes)


def _split_address(address: str) -> tuple[str, str, str]:
    """Hosts, path and query of what follows the user name. Not urlsplit: it refuses a list with an IPv6 address."""
    address, _, query = address.partition("#")[0].partition("?")
    hosts, slash, path = address.partition("/")
    return hosts, slash + path, query


def _database(text: str) -> int:
    if not text.isdecimal():
        raise ValueError("not a database")
    return int(text)


def _split_host(text: str) -> tuple[str, int]:
    if text.startswith("/") or any(c in text for c in "/?#@ "):
        raise ValueError("not a host")
    parts = urlsplit("//" + text)
    return parts.hostname or "127.0.0.1", parts.port or DEFAULT_PORT


def _host_port(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
