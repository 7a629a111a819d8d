"""The parts of an address as a URL, each read right or refused: who may sign in, hosts, path, query.

People paste passwords as they are, and a ``@ / ? #`` in one can make an address mean two things. So all
places at which the user and the password may end are tried, with a strict grammar for what follows
(RFC 3986, RFC 6874 for zones of IPv6); an address that makes sense in two ways is refused, never guessed.

In a user name ``: ? #`` are written as ``%3A %3F %23``, and ``/`` as ``%2F`` where no password follows. What
holds a valid ``%XX`` is taken for quoted, and refused where it also holds signs that no quoting leaves.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote, unquote

DEFAULT_PORT = 6379
LONGEST = 8000  # characters of an address
_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")
_NAME = re.compile("[A-Za-z][A-Za-z0-9_]*")
_RAW = frozenset("?#@ ")  # signs that quoting never leaves
_HOST = re.compile(r"(?:\[([^\[\]]*)\]|([\w.-]*))(?::([0-9]{0,5}))?")


class Doubtful(ValueError):
    """What can be read in two ways."""


class Split(NamedTuple):
    """An address split at one ``@``: what stands before it, as written, and what follows."""

    userinfo: str
    rest: str


class AddressParts(NamedTuple):
    """What follows the user: ``hosts`` as written, ``path`` from its first slash on, ``query`` unquoted."""

    hosts: str
    path: str
    query: dict[str, str]


def splits(text: str) -> Iterator[Split]:
    """Every way in which what follows ``scheme://`` may name a user: none, or at each ``@``."""
    yield Split("", text)
    for sign in re.finditer("@", text):
        yield Split(text[: sign.start()], text[sign.end() :])


def credentials(userinfo: str) -> tuple[str, str]:
    """User and password. Raises Doubtful, and ValueError for a user name that no address has."""
    username, colon, password = userinfo.partition(":")
    if not colon and any(sign in username for sign in "/?#"):
        raise ValueError("no name for a user")
    if any(sign in username for sign in "?#"):
        raise Doubtful("a user name, or the end of the address?")
    return _unquoted(username), _unquoted(password)


def place(text: str) -> AddressParts:
    """Split what follows the user. Not urlsplit: it refuses a list with an IPv6 address. Raises ValueError
    for a fragment, which no such address has, and for a query that is none."""
    if "#" in text:
        raise ValueError("no fragment")
    address, _, query_text = text.partition("?")
    hosts, slash, path = address.partition("/")
    query: dict[str, str] = {}
    for part in query_text.split("&") if query_text else ():
        name, equals, value = part.partition("=")
        if not (_NAME.fullmatch(name) and equals):
            raise ValueError("not a query")
        query[strictly(name)] = strictly(value)
    return AddressParts(hosts, slash + path, query)


def strictly(text: str) -> str:
    """Unquoted. A plus stays one. Raises ValueError for what is no UTF-8."""
    return unquote(text, errors="strict")


def split_host(text: str) -> tuple[str, int]:
    """``host:port``, ``[::1]:port`` or ``[fe80::1%25eth0]``; 127.0.0.1 where none is named. Raises
    ValueError."""
    found = _HOST.fullmatch(text)
    if found is None:
        raise ValueError("not a host")
    ipv6, name, port = found.groups()
    number = int(port) if port else DEFAULT_PORT
    if not 1 <= number <= 65535:
        raise ValueError("not a port")
    return (_ipv6(ipv6) if text.startswith("[") else name.lower() or "127.0.0.1"), number


def host_port(host: str, port: int) -> str:
    """The inverse of ``split_host``."""
    if ":" not in host:
        return f"{host}:{port}"
    number, percent, zone = host.partition("%")
    return f"[{number}{'%25' if percent else ''}{quote(zone, safe='')}]:{port}"


def _ipv6(text: str) -> str:
    """An IPv6 address with its zone unquoted: ``%25eth0`` (RFC 6874) or, as people write it, ``%eth0``."""
    number, percent, zone = text.partition("%")
    address = ipaddress.IPv6Address(number)  # raises ValueError
    if not percent:
        return number.lower()
    zone = strictly(zone[2:]) if zone.startswith("25") and zone != "25" else zone
    if not (address and zone and zone.isprintable()) or any(sign in zone for sign in "%/ "):
        raise ValueError("not a zone")
    return f"{number.lower()}%{zone}"


def _unquoted(text: str) -> str:
    if not _ESCAPE.search(text):
        return text
    if _RAW.intersection(text):
        raise Doubtful("quoted or not?")
    return strictly(text)
