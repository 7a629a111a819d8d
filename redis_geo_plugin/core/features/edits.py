"""What was done to features in a layer, and how a layer shows features."""

from __future__ import annotations

from typing import NamedTuple, Optional, Protocol

from ..json_types import JsonObject
from .reader import SetFeature


class Edit(NamedTuple):
    """What was done to a feature: ``shown`` is what the layer showed of it before and shows now, for the
    view; ``is_moved`` that its geometry is another; ``attributes`` are those that were changed, by their
    names in the value; ``is_deleted`` that it is to go."""

    key: bytes
    id: str
    shown: object
    is_moved: bool = False
    attributes: JsonObject = {}
    is_deleted: bool = False


class FeatureView(Protocol):
    """How a layer shows features."""

    def shows(self, feature: SetFeature, edit: Edit) -> bool:
        """Whether a feature as it stands on the server is what the layer showed before the edit."""

    def placed(self, edit: Edit, crs: str) -> Optional[bytes]:
        """The new geometry in this CRS as WKB, None for no geometry any more. Raises Refused where it cannot
        be put there."""
