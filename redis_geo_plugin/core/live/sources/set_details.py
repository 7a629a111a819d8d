"""Finds the details of the members of a GEO set: in hashes, strings or one hash, in the members
themselves, or in a sorted set of times."""

from __future__ import annotations

import re
from typing import Optional

from ...keys import GEO_ATTRIBUTES_SUFFIX
from ...readable import text
from ..decoding import decode_value
from ..limits import is_moment
from ..proposals import Family
from ..reader import Reader
from ..values import Times

ONE_HASH = "one_hash"  # a field per member
MEMBER = "member"  # each member is a record
SCORES = "scores"  # a sorted set beside each, of when a member was last seen; its template holds {key}


def find_details(
    reader: Reader, family: Family, members: list[bytes], families: list[Family]
) -> tuple[str, str]:
    """Return the template of the details of members and its kind (``hash``, ``json``, ``one_hash``); empty
    if there are none."""
    lead = len(reader.server.key(""))
    one_hash = text(family.keys[0][lead:]) + GEO_ATTRIBUTES_SUFFIX
    if reader.ask("TYPE", reader.server.key(one_hash)) == b"hash":
        return one_hash, ONE_HASH
    some = [text(m) for m in members[:10]]
    if all(map(_is_object, members[:10])):
        return "", MEMBER
    heads = {m.rpartition(":")[0] for m in some} - {""}
    candidates = [("{id}", some)]
    if heads:
        candidates.append(("{tail}", [m.rpartition(":")[2] for m in some]))
    found = _keys_beside(reader, candidates, heads, families)
    if found is not None:
        return found
    beside = _times_beside(reader, family, members[:10], families)
    if beside:
        return beside, SCORES
    # the members may be whole keys
    kinds = reader.ask_many([("TYPE", reader.server.key(name)) for name in some])
    for kind, word in ((b"hash", "hash"), (b"string", "json")):
        if kinds.count(kind) * 2 >= len(kinds):
            return "{id}", word
    return "", "hash"


def _template(family: Family, placeholder: str) -> str:
    """Return the pattern of a family with a placeholder for its last star; empty if it cannot hold
    details."""
    if family.type not in ("hash", "string") or family.pattern.count("*") != 1:
        return ""
    return family.pattern.replace("*", placeholder)


def _keys_beside(
    reader: Reader, candidates: list[tuple[str, list[str]]], heads: set[str], families: list[Family]
) -> Optional[tuple[str, str]]:
    """Return the template of keys of details that exist for at least half of the members, and their kind."""
    for placeholder, names in candidates:
        for other in families:
            template = _template(other, placeholder)
            # the end of a member is often a mere number, which many keys end with: the rest of it has to
            # agree too
            if not template or (placeholder == "{tail}" and not any(head in template for head in heads)):
                continue
            found = reader.ask_many(
                [("EXISTS", reader.server.key(template.replace(placeholder, n))) for n in names]
            )
            if found.count(1) * 2 >= len(names):
                return template, "hash" if other.type == "hash" else "json"
    return None


def scores_field(template: str) -> str:
    """Return the name for a bare value of the details in a record: the last word of its key."""
    words = re.findall(r"[A-Za-z_]+", re.sub(r"\{[a-z]+\}", " ", template))
    return words[-1].strip("_") or "value" if words else "value"


def _is_object(member: bytes) -> bool:
    try:
        return isinstance(decode_value(member), dict)
    except ValueError:
        return False


def _times_beside(reader: Reader, family: Family, members: list[bytes], families: list[Family]) -> str:
    """Return the template of a sorted set, beside the GEO set, whose scores are moments of the same
    members."""
    lead = len(reader.server.key(""))
    key = text(family.keys[0][lead:])
    names = {text(other[lead:]) for one in families if one.type == "zset" for other in one.keys}
    for name in sorted(names):
        if name != key and key in name:
            scores = reader.ask_many([("ZSCORE", reader.server.key(name), member) for member in members])
            moments = [_moment(score) for score in scores if isinstance(score, bytes)]
            if len(moments) * 2 >= len(members) and None not in moments:
                return name.replace(key, "{key}", 1)
    return ""


def _moment(score: bytes) -> Optional[float]:
    seconds = Times("").read(float(score))
    return seconds if seconds is not None and is_moment(seconds) else None
