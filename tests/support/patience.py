"""How long tests wait for what must come: on a busy machine all takes longer, and nothing fails by it."""

PATIENCE = 120.0  # seconds; what has not come by then does not come


def at_least(seconds: float) -> float:
    """The time that a test waits which thinks of so many seconds."""
    return max(seconds, PATIENCE)
