"""Translation: one context for the whole plugin, English in the source."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication, QLocale, QTranslator

from .settings import kept

CONTEXT = "RedisGeo"
PACKAGE = Path(__file__).resolve().parent.parent
RESOURCES = PACKAGE / "resources"


def tr(text: str) -> str:
    """The text in the user's language. Only literals are passed in; values are filled in afterwards with
    ``format``."""
    return QCoreApplication.translate(CONTEXT, text)


def native_tr(text: str) -> str:
    """A text of QGIS's own algorithms, as QGIS translates it: what an algorithm that takes a native one's
    place says in its stead."""
    return QCoreApplication.translate("QObject", text)


def locale() -> str:
    """The language of the user interface, such as ``fr``."""
    if kept("locale/overrideFlag", False):
        return kept("locale/userLocale", "")[:2]
    application = QgsApplication.instance()
    started_in = application.translation() if application is not None else ""  # the option --lang of QGIS
    return (started_in or QLocale.system().name())[:2]


def install_translator() -> Optional[QTranslator]:
    """Load the plugin's translation for the user's language; the caller keeps it and removes it in unload."""
    path = RESOURCES / "translations" / f"redis_geo_{locale()}.qm"
    if not path.is_file():
        return None
    translator = QTranslator()
    if not translator.load(str(path)):
        return None
    QCoreApplication.installTranslator(translator)
    return translator
