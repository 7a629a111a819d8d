"""Names for the fields of a layer, such that any format a user may save it in can hold them."""

from __future__ import annotations

from collections.abc import Iterable

# What drivers call the geometry and the row's number: GeoPackage and SQLite cannot have a second column of
# that name.
TAKEN_BY_FORMATS = frozenset(
    {
        "fid",
        "ogc_fid",
        "rowid",
        "_rowid_",
        "oid",
        "geom",
        "geometry",
        "the_geom",
        "wkb_geometry",
        "ogr_geometry",
    }
)
LONGEST_NAME = 60  # characters; PostgreSQL has 63 bytes


class FieldNames:
    """Gives each field a unique name: no two differ only in case, and none is reserved by a file format.

    ``taken`` are names that are in use already.
    """

    def __init__(self, taken: Iterable[str] = ()):
        self._taken = {name.casefold() for name in taken} | TAKEN_BY_FORMATS
        self._counts: dict[str, int] = {}  # by the name that many want: the last number that one has got

    def name(self, wanted: str) -> str:
        """Return the name of a new field: the wanted one, or that with a number."""
        base = " ".join(wanted.replace("\0", "").split())[:LONGEST_NAME].strip() or "field"
        wished = base.casefold()
        name, count = base, self._counts.get(wished, 1)
        while name.casefold() in self._taken:
            count += 1
            name = f"{base}_{count}"
        self._counts[wished] = count
        self._taken.add(name.casefold())
        return name
