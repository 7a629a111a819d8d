"""Loaded by pytest before its plugins (pyproject's addopts): QGIS's windows need no display here."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
