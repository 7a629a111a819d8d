"""The part of the Options page about the cache: where results are kept, for how long, and which of them."""

from __future__ import annotations

from qgis.core import QgsSettings
from qgis.PyQt.QtWidgets import QCheckBox, QGroupBox, QVBoxLayout

from ...bridge.i18n import tr
from ...bridge.settings import CACHE_ALL
from .fields import StoreFields


class CacheBox(QGroupBox):
    """Shows what the Cache panel shows too, and what only stands here; ``apply`` keeps what was entered."""

    def __init__(self) -> None:
        super().__init__(tr("Cache"))
        layout = QVBoxLayout(self)
        self.store = StoreFields("redis_geo_options_cache")
        self.store.namespace.setMaximumWidth(320)
        self.store.ttl.setMaximumWidth(320)
        layout.addWidget(self.store)
        self.cache_all = QCheckBox(tr("Keep every result, also those that are quicker to compute than to fetch"))
        self.cache_all.setObjectName("redis_geo_options_cache_all")
        self.cache_all.setToolTip(
            tr(
                "Many points, and other small geometries where that proves quicker, are computed on the spot and not "
                "stored. Tick this where the results themselves are wanted on the server."
            )
        )
        self.cache_all.setChecked(QgsSettings().value(CACHE_ALL, False, type=bool))
        layout.addWidget(self.cache_all)

    def apply(self) -> None:
        """Keep what was entered; a namespace that is none leaves the old one."""
        if not self.store.problem():
            self.store.choices().remember()
        QgsSettings().setValue(CACHE_ALL, self.cache_all.isChecked())
