"""How a server is reached: plain data, without redis-py, so that it is cheap to import and to pass between
threads."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Optional
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

DEFAULT_PORT = 6379
ENVIRONMENT_URL = "REDIS_GEO_URL"


class Deployment(str, Enum):
    """The kind of deployment at the address."""

    SINGLE = "single"
    SENTINEL = "sentinel"
    CLUSTER = "cluster"


@dataclass(frozen=True)
class ConnectionSettings:
    """One way to a Redis or Valkey server.

    ``nodes`` are further (host, port) pairs: the other sentinels, or more seeds of a cluster.
    ``key_prefix`` stands before every key that the plugin reads or writes (tenants). ``production`` makes
    the connection read-only by default. ``search_replicas`` sends searches to the replicas that Sentinel
    knows. ``cache_secret`` seals cached results (``core/cache/codec.py``). Neither it nor the password is
    ever part of ``repr`` or of ``url()``.
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
    cache_secret: str = field(default="", repr=False)
    search_replicas: bool = False
    sentinel_username: str = ""
    sentinel_password: str = field(default="", repr=False)

    def url(self) -> str:
        """The address as a URL for people: it never holds a password, nor what is no part of an address."""
        return self._url(quote(self.username, safe=""), {})

    def full_url(self, *, password: bool = False) -> str:
        """The address with all that ``from_url`` reads; with the passwords only where they are asked for."""
        user = quote(self.username, safe="")
        if password and self.password:
            user += ":" + quote(self.password, safe="")
        more = {name: str(getattr(self, attribute)) for name, attribute in _IN_QUERY.items()}
        more["replicas"] = "1" if self.search_replicas else ""
        if password:
            more["sentinel_password"] = self.sentinel_password
        return self._url(user, {name: value for name, value in more.items() if value})

    def _url(self, user: str, query: dict[str, str]) -> str:
        user = user + "@" if user else ""
        if self.unix_socket:
            rest = urlencode({"db": self.database, **query}, quote_via=quote, safe="/")
            return f"unix://{user}{quote(self.unix_socket, safe='/@:')}?{rest}"
        scheme = "rediss" if self.tls else "redis"
        if self.deployment is not Deployment.SINGLE:
            scheme += "+" + self.deployment.value
        hosts = ",".join(_host_port(h, p) for h, p in ((self.host, self.port), *self.nodes))
        path = f"/{self.database}"
        if self.deployment is Deployment.SENTINEL:
            path = f"/{quote(self.service, safe='')}{path}"
        rest = "?" + urlencode(query, quote_via=quote, safe="/") if query else ""
        return f"{scheme}://{user}{hosts}{path}{rest}"

    def with_secret(self, username: str, password: str) -> ConnectionSettings:
        """The same connection with the credentials of QGIS's authentication database."""
        return replace(self, username=username or self.username, password=password)

    def with_sentinel_secret(self, username: str, password: str) -> ConnectionSettings:
        """The same connection with the credentials for its sentinels."""
        return replace(self, sentinel_username=username or self.sentinel_username, sentinel_password=password)


class InvalidUrl(ValueError):
    """A URL that does not name a Redis or Valkey server. Its text never repeats the URL, which may hold a
    password."""


# Settings that stand behind the question mark of an address, by the names that redis-py has for them where
# it has one.
_IN_QUERY = {
    "prefix": "key_prefix",
    "ssl_ca_certs": "tls_ca",
    "ssl_certfile": "tls_certificate",
    "ssl_keyfile": "tls_key",
    "sentinel_username": "sentinel_username",
}


def from_url(url: str, name: str = "") -> ConnectionSettings:
    """Read ``redis://``, ``rediss://``, ``valkey://``, ``valkeys://``, ``unix://``, and ``+sentinel`` or
    ``+cluster``.

    The user and the password end at the last ``@`` before the first ``/`` or ``?`` (RFC 3986); where such
    an address makes no sense, at the last ``@`` of all, since people paste passwords as they are. Raises
    InvalidUrl for anything else.
    """
    scheme, _, rest = url.strip().partition("://")
    base, _, kind = scheme.lower().partition("+")
    if base not in ("redis", "rediss", "valkey", "valkeys", "unix") or not rest:
        raise InvalidUrl("expected redis://host:port/db, rediss://…, valkey://… or unix:///path")
    if kind and (kind not in (Deployment.SENTINEL.value, Deployment.CLUSTER.value) or base == "unix"):
        raise InvalidUrl("after the + only sentinel or cluster are known")
    end = min((rest.find(sign) for sign in "/?#" if sign in rest), default=len(rest))
    for before in (rest[:end], rest):
        userinfo, at, _ = before.rpartition("@")
        try:
            found = _read_address(base, kind, rest[len(userinfo + at) :])
        except ValueError:
            continue
        username, _, password = userinfo.partition(":")
        return replace(found, name=name, username=unquote(username), password=unquote(password))
    raise InvalidUrl("the port and the database must be numbers")  # its text must not repeat the address


def _read_address(base: str, kind: str, address: str) -> ConnectionSettings:
    """What follows the user and the password. Raises ValueError."""
    hosts_part, path, query_part = _split_address(address)
    query = {key: values[-1] for key, values in parse_qs(query_part).items()}
    common: dict[str, Any] = {field: query.get(key, "") for key, field in _IN_QUERY.items()}
    common["search_replicas"] = query.get("replicas", "") == "1"
    common["sentinel_password"] = query.get("sentinel_password", "")
    if base == "unix":
        socket, database = unquote(hosts_part + path), _database(query.get("db", "0"))
        if not socket:
            raise ValueError("no path")
        return ConnectionSettings(unix_socket=socket, database=database, **common)
    hosts = [_split_host(h) for h in hosts_part.split(",")]
    segments = [unquote(s) for s in path.split("/") if s]
    service = segments.pop(0) if kind == Deployment.SENTINEL.value and segments else ""
    if len(segments) > 1:
        raise ValueError("more than a database")
    return ConnectionSettings(
        host=hosts[0][0],
        port=hosts[0][1],
        database=_database(segments[0] if segments else query.get("db", "0")),
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
    """``host:port, [::1]:port`` as pairs; a missing port is 6379. Raises ValueError for a port that is no
    port."""
    try:
        return tuple(_split_host(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise ValueError(f"host:port, host:port: {text}?") from error


def write_nodes(nodes: tuple[tuple[str, int], ...]) -> str:
    """The inverse of ``read_nodes``."""
    return ", ".join(_host_port(host, port) for host, port in nodes)


def _split_address(address: str) -> tuple[str, str, str]:
    """Hosts, path and query of what follows the user name. Not urlsplit: it refuses a list with an IPv6
    address."""
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
