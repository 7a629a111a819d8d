"""The names of the keys of steps. They are public: ``<family>:<namespace>:<sha256>``."""

from __future__ import annotations

ROWS = "calculs:lignes"  # the outputs of one feature, or of one group of features
STEPS = "calculs:etapes"  # a step: what came out, and the names of its pieces
PIECES = "calculs:morceaux"  # columns of at most 5,000 features, named by their content


def key(family: str, namespace: str, digest: bytes) -> str:
    """The key of what has this SHA-256 (32 bytes)."""
    return f"{family}:{namespace}:{digest.hex()}"
