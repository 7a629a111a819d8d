"""Which keys of a family are sampled: sizes are checked before any value is read, since a shared server also
holds pictures and exports of other programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..redis import sized
from .decoding import LARGEST, LARGEST_FLEET, may_hold_records
from .proposals import SAMPLE_KEYS, Family
from .reader import Reader

CANDIDATES = 2 * SAMPLE_KEYS  # keys whose size is asked
HEAD = 64  # bytes of a large string that tell what it is
ANY_NUMBER = 10**9
WHOLE = sized.SizeLimits(LARGEST_FLEET, ANY_NUMBER, LARGEST_FLEET)  # one key that holds a fleet
ENTRIES = ("list", "stream", "zset")  # of which single entries are read


def fitting_family(reader: Reader, family: Family, skipped: list[sized.Oversize]) -> Family:
    """The family with those of its keys whose values may be read; what is too large is added to
    ``skipped``."""
    some = family.keys[:CANDIDATES]
    if family.type == "string":
        keys = _strings(reader, some, skipped)
    elif family.type in ENTRIES:
        keys = small_entries(reader, family.type, some, skipped)
    elif family.type in sized.COUNTING:
        fit = sized.fitting(reader.ask_many, some, family.type, WHOLE)
        skipped += fit.skipped
        keys = fit.keys
    elif family.type == "TSDB-TYPE":  # of which labels and the latest sample are read, however long it is
        keys = list(some)
    else:
        keys = _others(reader, some, skipped)
    return replace(family, keys=keys[:SAMPLE_KEYS], total=family.count)


def _strings(reader: Reader, keys: Sequence[bytes], skipped: list[sized.Oversize]) -> list[bytes]:
    """Small ones, and large ones that begin as records do, as long as all of them are not more than one
    fleet may be."""
    fit = sized.fitting(reader.ask_many, keys, "string", WHOLE)
    skipped += fit.skipped
    large = [key for key, size in zip(fit.keys, fit.sizes) if size > LARGEST]
    heads = reader.ask_many([("GETRANGE", key, 0, HEAD - 1) for key in large])
    strange = {
        key for key, head in zip(large, heads) if not isinstance(head, bytes) or not may_hold_records(head)
    }
    kept, weight = [], 0
    for key, size in zip(fit.keys, fit.sizes):
        if key in strange or weight + size > LARGEST_FLEET:
            skipped.append(sized.Oversize(key, size))
            continue
        kept.append(key)
        weight += size
    return kept


def small_entries(
    reader: Reader, kind: str, keys: Sequence[bytes], skipped: list[sized.Oversize]
) -> list[bytes]:
    """Lists, streams and sorted sets whose entries are no larger than a record may be, on the average; the
    others are added
    to ``skipped``. Only some of their entries are read, so that it does not matter how many there are."""
    counting = sized.COUNTING[kind]
    commands = [words for key in keys for words in ((counting, key), ("MEMORY", "USAGE", key))]
    replies = reader.ask_many(commands)
    kept = []
    for key, count, size in zip(keys, replies[::2], replies[1::2]):
        if isinstance(count, int) and isinstance(size, int) and count and size / count > LARGEST:
            skipped.append(sized.Oversize(key, size))
        else:
            kept.append(key)
    return kept


def _others(reader: Reader, keys: Sequence[bytes], skipped: list[sized.Oversize]) -> list[bytes]:
    """Values of modules: only their bytes in memory can be asked."""
    kept = []
    for key, size in zip(keys, reader.ask_many([("MEMORY", "USAGE", key) for key in keys])):
        if isinstance(size, int) and size > LARGEST_FLEET:
            skipped.append(sized.Oversize(key, size))
        else:
            kept.append(key)
    return kept
