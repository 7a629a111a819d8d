"""A name and what is said of it, with the colon of the user's language between them."""

from __future__ import annotations

from ..i18n import tr


def labelled(name: str, text: str) -> str:
    """Return ``Lag (ms): 5``."""
    return tr("{name}: {text}").format(name=name, text=text)
