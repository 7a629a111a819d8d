"""Namespaces on screen: the usual one has a name in the user's language; what stands in its keys stays."""

from __future__ import annotations

from ...core.keys import DEFAULT_NAMESPACE
from ..i18n import tr
from .quantities import number


def namespace_on_screen(name: str) -> str:
    """A namespace as the window names it. Parentheses are in no name, so it is taken for no other."""
    return tr("(default)") if name == DEFAULT_NAMESPACE else name


def namespace_of(shown: str) -> str:
    """The namespace that a field names; the usual one for an empty field."""
    shown = shown.strip()
    return DEFAULT_NAMESPACE if shown in ("", tr("(default)")) else shown


def with_left(text: str, left: int) -> str:
    """A text about keys that are counted or changed, and behind it how many others stand among them."""
    if not left:
        return text
    said = tr("Other keys there, which do not hold what the plugin writes and are left as they are: {count}.")
    return f"{text} {said.format(count=number(left))}"
