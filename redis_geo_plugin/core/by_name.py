"""Importing a part of the plugin whose name stands in a registry.

By ``__import__`` and not by ``importlib.import_module``: QGIS puts a function of its own in place of the
former, by which it learns which modules it has to forget when a plugin is reloaded or upgraded. A module that
it does not know of would stay, old beside new.
"""

from __future__ import annotations

from typing import Any


def load(package: str, module: str, name: str) -> Any:
    """Return what is called ``name`` in a module below ``package``; both names are dotted."""
    return getattr(__import__(f"{package}.{module}", fromlist=[name]), name)
