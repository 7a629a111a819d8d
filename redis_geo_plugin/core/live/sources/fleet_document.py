"""A JSON document (of the server's own type) with the whole fleet, in any of the forms of a fleet string."""

from __future__ import annotations

from ..reader import Reader
from .fleet_string import FleetString
from .json_documents import ROOT


class FleetDocument(FleetString):
    """A fleet string that is read with JSON.GET."""

    KIND = "fleet_document"
    TYPE = "ReJSON-RL"
    COMMANDS: tuple[str, ...] = ("JSON.GET", "MEMORY|USAGE")

    def _size(self, reader: Reader, key: bytes) -> int:
        size = reader.ask_many([("MEMORY", "USAGE", key)])[0]
        return (
            size if isinstance(size, int) else int(size is not None)
        )  # where it may not be asked it is read

    def _value(self, reader: Reader, key: bytes) -> bytes:
        return reader.ask("JSON.GET", key, ROOT) or b""
