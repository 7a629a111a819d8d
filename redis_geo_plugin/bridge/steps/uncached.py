"""Why a step is not cached: raised where it is found out, and said to the user."""

from __future__ import annotations

from ..i18n import tr


class Uncached(Exception):
    """The step runs natively. The message says why, in the user's language."""


class Cheap(Uncached):
    """Computing is quicker than looking up, in whatever way."""

    def __init__(self) -> None:
        super().__init__(tr("Computing is quicker than looking up."))
