"""How a server is reached: plain data, without redis-py, so that it is cheap to import and to pass between
threads."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Optional
from urllib.parse import quote, urlencode

from . import address
from .address import DEFAULT_PORT

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
    knows. ``own_server`` is the folder of the profile's own server where that is meant: its password is sent
    to nobody else (``own_server.holds``). ``cache_secret`` seals cached results (``core/cache/codec.py``).
    Neither it nor the password is ever part of ``repr`` or of ``url()``.
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
    own_server: str = ""

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
            path = quote(self.unix_socket, safe="/@:").replace("@/", "%40/")  # a user could end there
            return f"unix://{user}{path}?{rest}"
        scheme = "rediss" if self.tls else "redis"
        if self.deployment is not Deployment.SINGLE:
            scheme += "+" + self.deployment.value
        hosts = ",".join(address.host_port(h, p) for h, p in ((self.host, self.port), *self.nodes))
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

    def without_secrets(self) -> ConnectionSettings:
        """These settings as they may be kept: with no password."""
        none = ""  # a name: gates that look for passwords in sources take any literal for one
        return replace(self, password=none, sentinel_password=none)


class InvalidUrl(ValueError):
    """A URL that does not name a Redis or Valkey server. Its text never repeats the URL, which may hold a
    password."""


class AmbiguousUrl(InvalidUrl):
    """An address that makes sense in two ways: signs in its user or its password are to be quoted."""


# Settings that stand behind the question mark of an address, by the names that redis-py has for them where
# it has one.
_IN_QUERY = {
    "prefix": "key_prefix",
    "ssl_ca_certs": "tls_ca",
    "ssl_certfile": "tls_certificate",
    "ssl_keyfile": "tls_key",
    "sentinel_username": "sentinel_username",
    "own_server": "own_server",
}


def from_url(url: str, name: str = "") -> ConnectionSettings:
    """Read ``redis://``, ``rediss://``, ``valkey://``, ``valkeys://``, ``unix://``, and ``+sentinel`` or
    ``+cluster``.

    A password may be pasted as it is or quoted (see ``address``). Raises AmbiguousUrl for what makes sense
    in two ways, and InvalidUrl for anything else.
    """
    scheme, _, rest = url.strip().partition("://")
    base, _, kind = scheme.lower().partition("+")
    if base not in ("redis", "rediss", "valkey", "valkeys", "unix") or not rest:
        raise InvalidUrl("expected redis://host:port/db, rediss://…, valkey://… or unix:///path")
    if kind and (kind not in (Deployment.SENTINEL.value, Deployment.CLUSTER.value) or base == "unix"):
        raise InvalidUrl("after the + only sentinel or cluster are known")
    if len(rest) > address.LONGEST:
        raise InvalidUrl("too long")
    found = _readings(base, kind, rest)
    if not found:  # the text must not repeat the address
        raise InvalidUrl("the host, the port and the database must be such, and known signs be quoted")
    only = found.pop()
    if found or only is None:
        raise AmbiguousUrl("write @ / ? # % in the user and the password as %40 %2F %3F %23 %25")
    return replace(only, name=name)


def _readings(base: str, kind: str, rest: str) -> set[Optional[ConnectionSettings]]:
    """All that an address may mean; None stands for what may be quoted or not."""
    found: set[Optional[ConnectionSettings]] = set()
    for userinfo, behind in address.splits(rest):
        try:
            settings = _read_place(base, kind, behind)
            username, password = address.credentials(userinfo)
        except address.Doubtful:
            found.add(None)
        except ValueError:
            continue
        else:
            found.add(replace(settings, username=username, password=password))
    return found


def _read_place(base: str, kind: str, behind: str) -> ConnectionSettings:
    """What follows the user and the password. Raises ValueError."""
    hosts_part, path, query = address.place(behind)
    common: dict[str, Any] = {field: query.get(key, "") for key, field in _IN_QUERY.items()}
    common["search_replicas"] = query.get("replicas", "") == "1"
    common["sentinel_password"] = query.get("sentinel_password", "")
    if base == "unix":
        if hosts_part or len(path) < 2:
            raise ValueError("no path from the root on")
        socket, database = address.strictly(path), _database(query.get("db", "0"))
        return ConnectionSettings(unix_socket=socket, database=database, **common)
    hosts = [address.split_host(h) for h in hosts_part.split(",")]
    if len(hosts) > 1 and not all(hosts_part.split(",")):
        raise ValueError("an empty host")
    segments = [address.strictly(s) for s in path.split("/") if s]
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
        return tuple(address.split_host(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise ValueError(f"host:port, host:port: {text}?") from error


def write_nodes(nodes: tuple[tuple[str, int], ...]) -> str:
    """The inverse of ``read_nodes``."""
    return ", ".join(address.host_port(host, port) for host, port in nodes)


def _database(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > 9:
        raise ValueError("not a database")
    return int(text)
