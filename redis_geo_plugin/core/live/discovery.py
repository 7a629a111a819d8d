"""Find positions: look at a bounded sample of the keys, group those that look alike, and propose feeds.

At most 2,000 keys are looked at, with SCAN, and of each family the values of 30.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Callable, Optional

from .. import keys as names
from ..keys import glob_escape
from ..redispy import exceptions
from ..settings import ConnectionSettings
from .own_keys import is_book, is_places
from .proposals import Family, Proposal
from .reader import Reader, reading
from .records import text_of
from .sources import KINDS, source_class
from .sources.base import KeyPattern

MOST_KEYS = 2000
SCAN_STEP = 500
LONGEST = 20.0  # seconds
TUTORIAL = (names.POSITIONS + ":*", names.ENGLISH[names.POSITIONS] + ":*")
ID_LIKE = re.compile(r"^(\d+|[0-9a-fA-F-]{6,}|[A-Za-z_-]{0,4}\d[\w.-]*|.*\d{3,}.*)$")
GLUED = re.compile(r"^(.*?[A-Za-z_-])(\d+)$")

Progress = Callable[[float], None]


@dataclass
class Findings:
    """What was found. ``looked_at`` of ``total`` keys; proposals by falling confidence."""

    proposals: list[Proposal] = field(default_factory=list)
    looked_at: int = 0
    total: int = 0
    cancelled: bool = False


def find_positions(
    settings: ConnectionSettings,
    pattern: str = "",
    progress: Optional[Progress] = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Findings:
    """Sample the database and propose feeds. ``pattern`` restricts the keys (a SCAN pattern). ``progress`` gets 0 to 100.

    Raises redis-py's errors where the server cannot be read. Call it in the background.
    """
    tell = progress or (lambda _percent: None)
    with reading(settings) as reader:
        return _find(reader, pattern, tell, cancelled)


def _find(reader: Reader, pattern: str, tell: Progress, cancelled: Callable[[], bool]) -> Findings:
    findings = Findings(total=_count(reader))
    deadline = time.monotonic() + LONGEST
    keys = _sample(reader, pattern, deadline, cancelled, tell)
    findings.looked_at = len(keys)
    kinds = [source_class(kind) for kind in KINDS]
    groups = families(_types(reader, keys), reader.server.settings.key_prefix)
    if not pattern:
        groups += [Family("channel", channel, []) for channel in _channels(reader)]
    for position, family in enumerate(groups):
        if cancelled() or time.monotonic() > deadline:
            findings.cancelled = True
            break
        tell(40.0 + 60.0 * position / len(groups))
        for kind in kinds:
            if family.type == kind.TYPE:
                try:
                    proposal = kind.propose(reader, family, groups)
                except exceptions.ResponseError:  # no right to read these, or another type by now
                    continue
                if proposal is not None:
                    findings.proposals.append(proposal)
    if not pattern:
        findings.proposals = [p for p in findings.proposals if not _loaded_places(p)]
    findings.proposals = _without_covered(findings.proposals)
    tell(100.0)
    return findings


def _sample(
    reader: Reader, pattern: str, deadline: float, cancelled: Callable[[], bool], tell: Progress
) -> list[bytes]:
    lead = reader.server.settings.key_prefix
    match = (glob_escape(lead) + (pattern or "*")).encode()
    skip = len(lead.encode())
    found: dict[bytes, None] = {}
    for keys in reader.scan(match, count=SCAN_STEP):
        for key in keys:
            name = text_of(key[skip:])
            if not is_book(name) and (pattern or not is_places(name)):
                found[key] = None
        tell(min(40.0 * len(found) / MOST_KEYS, 40.0))
        if len(found) >= MOST_KEYS or cancelled() or time.monotonic() > deadline:
            break
    return list(found)[:MOST_KEYS]


def _types(reader: Reader, keys: list[bytes]) -> list[tuple[bytes, str]]:
    replies = reader.ask_many([("TYPE", key) for key in keys])
    return [(key, text_of(kind)) for key, kind in zip(keys, replies) if isinstance(kind, bytes) and kind != b"none"]


def _count(reader: Reader) -> int:
    try:
        return int(reader.ask("DBSIZE"))
    except (exceptions.ResponseError, TypeError, ValueError):
        return 0


def _channels(reader: Reader) -> list[str]:
    """Channels that someone listens to now, as patterns."""
    try:
        found = reader.ask("PUBSUB", "CHANNELS")
    except exceptions.ResponseError:
        return []
    groups = families([(c, "channel") for c in (found or [])[:500] if not c.startswith(b"__")], "")
    return [group.pattern for group in groups][:20]


# --- families ---------------------------------------------------------------------------------------------------------


def families(keys: Iterable[tuple[bytes, str]], key_prefix: str = "") -> list[Family]:
    """Group (key, type) pairs by what their names have in common, behind the tenant's prefix."""
    lead = len(key_prefix.encode())
    grouped: dict[tuple[str, str, int], list[tuple[list[str], bytes]]] = defaultdict(list)
    for key, kind in keys:
        name = text_of(key[lead:])
        separator = next((s for s in (":", "/", ".", "|") if s in name), "")
        parts = name.split(separator) if separator else [name]
        grouped[(kind, separator, len(parts))].append((parts, key))
    result: list[Family] = []
    for (kind, separator, _), members in grouped.items():
        for pattern, group in _split(members, 0):
            result.append(Family(kind, separator.join(pattern), [key for _, key in group]))
    return sorted(result, key=lambda f: (-len(f.keys), f.pattern))


Members = list[tuple[list[str], bytes]]


def _split(members: Members, index: int) -> list[tuple[list[str], Members]]:
    """Split a group by the parts from ``index`` on that tell kinds apart; the parts that tell vehicles apart become a
    star."""
    count = len(members[0][0])
    if index == count:
        return [([], members)]
    values: dict[str, Members] = defaultdict(list)
    for member in members:
        values[member[0][index]].append(member)
    if _is_variable(values, len(members), index, count):
        return [(["*", *rest], group) for rest, group in _split(members, index + 1)]
    glued: dict[str, Members] = defaultdict(list)
    for value, group in values.items():
        found = GLUED.match(value) if len(values) > 1 else None
        glued[found.group(1) + "*" if found else value] += group
    result = []
    for name, group in glued.items():
        same_value = len({member[0][index] for member in group}) == 1
        head = group[0][0][index] if same_value else name
        result += [([head, *rest], inner) for rest, inner in _split(group, index + 1)]
    return result


def _is_variable(values: dict[str, Members], size: int, index: int, count: int) -> bool:
    """Whether this part of the names is an id."""
    id_like = sum(len(group) for value, group in values.items() if ID_LIKE.match(value))
    if index == 0:
        stems = {found.group(1) for found in map(GLUED.match, values) if found}
        return count > 1 and id_like > 0.9 * size and not stems and len(values) > 1
    if id_like >= 0.5 * size:
        return True
    return len(values) >= 3 and len(values) > 0.5 * size


def _without_covered(proposals: list[Proposal]) -> list[Proposal]:
    """Without those whose keys another proposal of the same kind and fields reads as well, by falling confidence."""
    kept: list[Proposal] = []
    for one in sorted(proposals, key=lambda p: (p.spec.pattern.count("*") or 9, len(p.spec.pattern))):
        if not any(_covers(other, one) for other in kept):
            kept.append(one)
    return sorted(kept, key=_rank)


def _loaded_places(proposal: Proposal) -> bool:
    """A GEO set that the plugin loaded from a layer holds places: it is offered only to who asks for it by name."""
    return proposal.spec.details == proposal.spec.pattern + names.GEO_ATTRIBUTES_SUFFIX


def _rank(proposal: Proposal) -> tuple[bool, float, int, str]:
    """The tutorial's own keys first, then what is surest."""
    spec = proposal.spec
    tutorial = spec.kind == "json_keys" and spec.pattern in TUTORIAL and proposal.confidence > 0.8
    return (not tutorial, -proposal.confidence, -proposal.keys, spec.pattern)


def _covers(other: Proposal, one: Proposal) -> bool:
    a, b = other.spec, one.spec
    same_fields = (a.mapping.lon, a.mapping.lat, a.mapping.pair) == (b.mapping.lon, b.mapping.lat, b.mapping.pair)
    if a.kind != b.kind or not same_fields or "*" not in a.pattern or a.pattern.startswith("*"):
        return False
    return KeyPattern(a.pattern, "").ident(b.pattern.replace("*", "0").encode()) is not None


def readable_name(pattern: str) -> str:
    """A name for a feed: ``vehicule:*:status`` -> ``vehicule status``."""
    words = [w for w in re.split(r"[:./|*{}]+", pattern) if w]
    return " ".join(words) or pattern


def starred(pattern: str) -> str:
    """A literal key with its last part as a star: a lone vehicle is the first of a family."""
    for separator in (":", "/", "."):
        head, found, _ = pattern.rpartition(separator)
        if found:
            return head + separator + "*"
    glued = GLUED.match(pattern)
    return glued.group(1) + "*" if glued else pattern
