"""The names of the keys, in one place, and how long results are kept. They are public: other programs of the
organisation read and write them.

The keys of results begin as ``core/registry.py`` says."""

from __future__ import annotations

BUFFERS = "calculs:buffers"
POSITIONS = "vehicule"
POSITION_STREAM = "flux:vehicules"
LOCATIONS = "locations"
JOB_LIST = "taches_spatiales"
ENTITIES = "entites"
PUBLISHED = "entites_publiees"  # the books of sets of features: which keys were published
GEO_ATTRIBUTES_SUFFIX = ":attributs"

DEFAULT_NAMESPACE = "defaut"  # of cached results, where none is named
DEFAULT_TTL = 7 * 24 * 3600  # seconds that a result is kept where nobody says otherwise

# The tutorial's English names, offered as an option.
ENGLISH = {
    POSITIONS: "vehicle",
    JOB_LIST: "spatial_tasks",
}


def glob_escape(text: str) -> str:
    """The text as it stands in a SCAN pattern that matches it literally (Redis escapes with a backslash)."""
    return "".join("\\" + c if c in "*?[]^\\" else c for c in text)
