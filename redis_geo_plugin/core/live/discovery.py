"""Find positions: read the names of the keys, group those that look alike, read some values of each group,
and propose feeds.

The names of all keys are read, of a very large database as many as its server has time for (``key_scan``);
of each family the values of 30 keys, whose sizes are asked first.
"""

from __future__ import annotations

import logging
import re
import time
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Optional

from .. import keys as names
from ..keys import glob_escape
from ..readable import text
from ..redis.failures import StoreError
from ..redis.redispy import exceptions
from ..redis.settings import ConnectionSettings
from ..redis.sized import Oversize
from ..watch import Cancelled, Watch
from .declared import declared_places, orders_of
from .families import families
from .key_patterns import KeyPattern
from .key_scan import BESIDE, BY_PATTERN, QUICK, THOROUGH, chosen_names, scan_names
from .proposals import Family, Proposal
from .reader import Reader, reading
from .records import text_of
from .sampling import fitting_family
from .sources import KINDS, source_class
from .sources.base import Source

MOST_TYPES = 8000  # names whose type is asked
MOST_FAMILIES = 600  # that are looked into
LONGEST = 20.0  # seconds for looking into families, on a slow link
WORDY = 20  # keys of a family whose ids are words: they may be as many kinds
TUTORIAL = (names.POSITIONS + ":*", names.ENGLISH[names.POSITIONS] + ":*")
TELLING = re.compile(
    r"pos|loc|geo|gps|fleet|flott|vehic|vehi|driver|chauff|track|trac|bus|tram|train|ship|vessel|ais|adsb|aircraft|flight"
    r"|plane|drone|car|taxi|bike|scooter|truck|camion|rider|courier|live|device|sensor|asset|marker|line|route|point|lat|lon",
    re.IGNORECASE,
)
NAMES_SHARE = 0.6  # of the progress: reading the names; the rest is looking into families
_OF_THE_SERVER = (exceptions.RedisError, exceptions.RedisClusterException, StoreError, Cancelled, OSError)
_log = logging.getLogger("redis_geo")
RARE_TYPES = ("zset", "stream", "ReJSON-RL", "TSDB-TYPE", "list", "hash", "channel")


@dataclass
class Findings:
    """What was found. ``looked_at`` of ``total`` keys; proposals by falling confidence. ``complete``: every
    name was read. ``skipped`` keys were too large to look into."""

    proposals: list[Proposal] = field(default_factory=list)
    looked_at: int = 0
    total: int = 0
    cancelled: bool = False
    complete: bool = True
    skipped: list[Oversize] = field(default_factory=list)


def find_positions(
    settings: ConnectionSettings,
    pattern: str = "",
    watch: Optional[Watch] = None,
    thorough: bool = False,
) -> Findings:
    """Search the database for positions and propose feeds. Call it in the background.

    Args:
        settings: the connection.
        pattern: restricts the keys (a SCAN pattern).
        watch: told the progress, and asked often; what was found until it is cancelled is returned.
        thorough: reads the names of all keys, however long it takes, at the same small share of the
        server's time.

    Raises:
        redis-py's errors where the server cannot be read.
    """
    with reading(settings) as reader:
        return _find(reader, pattern, watch or Watch(), thorough)


def _find(reader: Reader, pattern: str, watch: Watch, thorough: bool) -> Findings:
    named = look_at_names(reader, pattern, watch.part(NAMES_SHARE), thorough)
    groups = named.groups
    findings = Findings(looked_at=named.looked_at, total=named.total, complete=named.complete)
    if not pattern:
        groups += [Family("channel", channel, []) for channel in _channels(reader)]
    beside = _names_beside(reader, groups, watch) if pattern else []
    _look_into(reader, groups, beside, findings, watch)
    if not pattern:
        findings.proposals = [p for p in findings.proposals if not _loaded_places(p)]
    findings.proposals = _without_covered(findings.proposals)
    watch.reach(1.0)
    return findings


class NamedFamilies(NamedTuple):
    """The families of the keys whose names were read: ``looked_at`` of ``total``; ``complete``: all."""

    groups: list[Family]
    looked_at: int
    total: int
    complete: bool


def look_at_names(reader: Reader, pattern: str, watch: Watch, thorough: bool = False) -> NamedFamilies:
    """Read the names of keys, at the cost that finding positions has, and the type of some of each shape."""
    total, lead = _count(reader), reader.server.settings.key_prefix
    match = glob_escape(lead).encode() + (_coded(pattern) or b"*")
    limits = BY_PATTERN if pattern else THOROUGH if thorough else QUICK
    scan = scan_names(reader, match, limits, bool(pattern))
    scan.run(total, watch)
    chosen, weights = chosen_names(scan.names, MOST_TYPES)
    declared = declared_places(reader)
    groups = [
        replace(
            family,
            total=round(sum(map(weights.__getitem__, family.keys))),
            orders=orders_of(family.keys, family.type, declared),
        )
        for family in families(_types(reader, chosen), lead)
    ]
    return NamedFamilies(groups, scan.names.total, total, scan.complete)


def _coded(pattern: str) -> bytes:
    """A pattern of the user's as SCAN has it; names that are no UTF-8 stand in it as they are listed."""
    if "\\x" in pattern:
        return KeyPattern(pattern, "").glob
    return pattern.encode()


def _names_beside(reader: Reader, groups: list[Family], watch: Watch) -> list[Family]:
    """The families beside sets that the user named, among which the details of their members may be."""
    if not any(family.type == "zset" for family in groups):
        return []
    lead = reader.server.settings.key_prefix
    scan = scan_names(reader, (glob_escape(lead) + "*").encode(), BESIDE, False)
    scan.run(_count(reader), Watch(watch.cancelled))
    return families(_types(reader, chosen_names(scan.names, MOST_TYPES)[0]), lead)


def _look_into(
    reader: Reader,
    groups: list[Family],
    beside: list[Family],
    findings: Findings,
    watch: Watch,
) -> None:
    """Let each kind of source read samples of the families that it supports, the most promising first."""
    kinds = [source_class(kind) for kind in KINDS]
    deadline = time.monotonic() + LONGEST
    likely = sorted(groups, key=_promise)[:MOST_FAMILIES]
    findings.cancelled = watch.cancelled()
    for position, family in enumerate(likely):
        if watch.cancelled() or time.monotonic() > deadline:
            findings.cancelled = True
            break
        watch.reach(NAMES_SHARE + (1.0 - NAMES_SHARE) * position / len(likely))
        fit = fitting_family(reader, family, findings.skipped) if family.keys else family
        if family.keys and not fit.keys:
            continue
        for one in (fit, *_single_keys(fit, reader.server.settings.key_prefix)):
            findings.proposals += _proposals(reader, one, kinds, [*groups, *beside])


def _proposals(
    reader: Reader, family: Family, kinds: list[type[Source]], groups: list[Family]
) -> list[Proposal]:
    """What the kinds of sources that read this type of key make of a family. One that trips over what it
    reads proposes nothing; the log says so."""
    found = []
    for kind in kinds:
        if family.type == kind.TYPE:
            try:
                proposal = kind.propose(reader, family, groups)
            except exceptions.ResponseError:  # no right to read these, or another type by now
                continue
            except _OF_THE_SERVER:
                raise
            except Exception:
                _log.warning("a family of keys could not be looked into as %s", kind.KIND, exc_info=True)
                continue
            if proposal is not None:
                found.append(proposal)
    return found


def _promise(family: Family) -> tuple[bool, bool, int]:
    """Names that tell of positions first, then rare types, then the large families."""
    return not TELLING.search(family.pattern), family.type not in RARE_TYPES, -family.count


def _single_keys(family: Family, lead: str) -> list[Family]:
    """The keys of a small family whose ids are words: ``app:fleet`` beside ``app:settings`` and
    ``app:users`` is no vehicle."""
    if "*" not in family.pattern or not 1 < len(family.keys) <= WORDY:
        return []
    pattern, skip = KeyPattern(family.pattern, lead), len(lead.encode())
    if any(any(map(str.isdigit, pattern.ident(key) or "")) for key in family.keys):
        return []
    return [Family(family.type, text(key[skip:]), [key], 1) for key in family.keys]


def _types(reader: Reader, keys: list[bytes]) -> list[tuple[bytes, str]]:
    replies = reader.ask_many([("TYPE", key) for key in keys])
    if replies and all(isinstance(reply, exceptions.ResponseError) for reply in replies):
        raise replies[0]  # nothing was found, since nobody was allowed to look
    return [
        (key, text_of(kind))
        for key, kind in zip(keys, replies)
        if isinstance(kind, bytes) and kind != b"none"
    ]


def _count(reader: Reader) -> int:
    try:
        return int(reader.ask("DBSIZE"))
    except (exceptions.ResponseError, TypeError, ValueError):
        return 0


def _channels(reader: Reader) -> list[str]:
    """The channels that have subscribers now, as patterns."""
    try:
        found = reader.ask("PUBSUB", "CHANNELS") or []
    except exceptions.ResponseError:
        return []
    groups = families([(c, "channel") for c in found[:500] if not c.startswith(b"__")], "")
    return [group.pattern for group in groups][:20]


# A value that is one vehicle may be read as a fleet of one too: said once, as what it is.
ONE_OF_A_FLEET = {"fleet_string": "json_keys", "fleet_document": "json_documents"}


def _without_covered(proposals: list[Proposal]) -> list[Proposal]:
    """Without those whose keys another proposal of the same kind and fields reads as well, or that read as a
    fleet what another reads as a vehicle, by falling confidence."""
    sure = {(one.spec.kind, one.spec.pattern): one.confidence for one in proposals}
    proposals = [
        p
        for p in proposals
        if sure.get((ONE_OF_A_FLEET.get(p.spec.kind, ""), p.spec.pattern), 0.0) < p.confidence
    ]
    kept: list[Proposal] = []
    for one in sorted(proposals, key=lambda p: (p.spec.pattern.count("*") or 9, len(p.spec.pattern))):
        if not any(_covers(other, one) for other in kept):
            kept.append(one)
    return sorted(kept, key=_rank)


def _loaded_places(proposal: Proposal) -> bool:
    """A GEO set that the plugin loaded from a layer holds places, not vehicles: it is proposed only where the
    user asks for it by name."""
    return proposal.spec.details == proposal.spec.pattern + names.GEO_ATTRIBUTES_SUFFIX


def _rank(proposal: Proposal) -> tuple[bool, float, int, str]:
    """The tutorial's own keys first, then what is surest."""
    spec = proposal.spec
    tutorial = spec.kind == "json_keys" and spec.pattern in TUTORIAL and proposal.confidence > 0.8
    return (not tutorial, -proposal.confidence, -proposal.keys, spec.pattern)


def _covers(other: Proposal, one: Proposal) -> bool:
    a, b = other.spec, one.spec
    same_fields = (a.mapping.lon, a.mapping.lat, a.mapping.pair) == (
        b.mapping.lon,
        b.mapping.lat,
        b.mapping.pair,
    )
    if a.kind != b.kind or not same_fields or "*" not in a.pattern or a.pattern.startswith("*"):
        return False
    return KeyPattern(a.pattern, "").ident(b.pattern.replace("*", "0").encode()) is not None
