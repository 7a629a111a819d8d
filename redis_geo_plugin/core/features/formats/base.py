"""What a format of features offers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple, Optional, Union

from ...geometry.build import Mended
from ...json_types import JsonObject, Value
from ..refusals import Refused, WhyRefused

Path = tuple[Union[str, int], ...]  # names of members and places in lists


class FoundFeature:
    """One feature that a format found in a value.

    ``wkb`` is little-endian ISO WKB (None: a feature without a geometry), ``crs`` the name of its CRS (empty:
    the value does not say), ``attributes`` what else it holds, ``id`` its own (empty: none). ``problem`` says
    why it cannot be shown; ``line`` is the text of a line whose decimals other values may yet tell (empty:
    nothing to be told). ``at`` leads to the feature in the value that its format has read.
    """

    __slots__ = ("at", "attributes", "crs", "id", "line", "problem", "wkb")

    def __init__(
        self,
        wkb: Optional[bytes],
        crs: str = "",
        attributes: Optional[JsonObject] = None,
        ident: str = "",
        problem: Optional[Refused] = None,
    ):
        self.wkb = wkb
        self.crs = crs
        self.attributes = attributes if attributes is not None else {}
        self.id = ident
        self.problem = problem
        self.line = ""
        self.at: Path = ()


class NewShape(NamedTuple):
    """A geometry to be written: the ``old`` one in its format, in whose form and place it comes, ``wkb``
    sound and in the one form (None: no geometry any more), and what the ``feature`` is read from."""

    old: Value
    wkb: Optional[bytes]
    feature: Value


class FeatureFormat:
    """A way to write features. A new one is one file with a subclass, and one line in ``format_list``.

    ``NAME`` is saved and given to algorithms. ``IS_WEAK``: short texts of other things
    may look like it, so that it counts only where most values of a set do.
    """

    NAME: ClassVar[str] = ""
    IS_WEAK: ClassVar[bool] = False

    def tells(self, value: Value) -> bool:
        """Whether a value is in this format, by its first bytes or members; never raises."""
        raise NotImplementedError

    def read(self, value: Value, mended: Mended) -> Sequence[FoundFeature]:
        """The features in a value that ``tells``, or that the user says is in this format.

        Raises Refused, or Unsound of the walk, where all of it is bad; one bad feature among others comes
        back with its ``problem``.
        """
        raise NotImplementedError

    def geometry_at(self, _feature: Value) -> Path:
        """Where the geometry is in what one feature is read from."""
        return ()

    def attribute_at(self, _feature: Value, _name: str) -> Optional[Path]:
        """Where an attribute is in what one feature is read from, or would be; None where it has none."""
        return None

    def stale_at(self, _at: Path) -> Sequence[Path]:
        """What of a value is no longer true, and left out, once the geometry of the feature at that
        place is another."""
        return ()

    def writes(self, _new: NewShape) -> Value:
        """A geometry in this format. Raises Refused where the format is only read, or cannot hold it."""
        raise Refused(WhyRefused.ONLY_READ)

    @property
    def is_written(self) -> bool:
        """Whether edits are written in this format, or it is only read."""
        return type(self).writes is not FeatureFormat.writes


def own_id(value: object) -> str:
    """The id of a feature as text; empty for none."""
    if type(value) is str:
        return value
    if type(value) is int:
        return str(value) if -(2**63) <= value < 2**63 else ""
    return str(int(value)) if type(value) is float and value.is_integer() and abs(value) < 1e15 else ""


def members_of(value: Value, *names: str) -> Union[JsonObject, None]:
    """The value where it is an object that has all these members, else None."""
    return value if isinstance(value, dict) and all(name in value for name in names) else None


__all__ = ["FeatureFormat", "FoundFeature", "NewShape", "Path", "Value", "members_of", "own_id"]
