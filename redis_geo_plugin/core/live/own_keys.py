"""The plugin's own keys, which are never proposed as a fleet, whatever they hold.

The positions that the plugin itself publishes (``vehicule:*``, ``flux:vehicules``) are none of these.
"""

from __future__ import annotations

import re

from .. import keys
from .fences import STREAM

_CACHE = ("calculs:", "calculations:")
_LISTS = (keys.JOB_LIST, keys.ENGLISH[keys.JOB_LIST])
_STARTS = (*_CACHE, *(name + ":" for name in _LISTS), keys.ENTITIES + ":", keys.PUBLISHED + ":")
_NAMES = frozenset((*_LISTS, STREAM))
# The books of a queue of any name (see core.jobs.names), and the results of its plain jobs.
_QUEUE = re.compile(
    r"\{[^{}]+\}:(flux(:haute|:basse)?(:reprises)?|echeances|ecartees|travailleurs|vus|en_cours|lots|(differee|cote|lot|abimes):.*)"
    r"|[^:]+:resultats:.*",
    re.DOTALL,
)

# What every book's name holds, whichever it is.
_WORDS = tuple(word.encode() for word in (*_STARTS, *_NAMES, keys.GEO_ATTRIBUTES_SUFFIX, "{", ":resultats:"))


def is_book(name: str) -> bool:
    """Whether a key (without the tenant's prefix) belongs to the plugin's books: cache, jobs, attributes,
    events.
    """
    return (
        name.startswith(_STARTS)
        or name in _NAMES
        or name.endswith(keys.GEO_ATTRIBUTES_SUFFIX)
        or _QUEUE.fullmatch(name) is not None
    )


def without_books(names: list[bytes], skip: int = 0) -> list[bytes]:
    """The keys that are none of the plugin's books, in their order; ``skip`` bytes of each are the tenant's
    prefix. Keys of which none holds a word of theirs are not looked at one by one."""
    together = b"\n".join(names)
    if not any(word in together for word in _WORDS):
        return names
    return [name for name in names if not is_book(name[skip:].decode("utf-8", "backslashreplace"))]


def is_places(name: str) -> bool:
    """Whether a key is the GEO set of places that the plugin and the tutorial share."""
    return name == keys.LOCATIONS
