"""The part of the Options page about the cache: where results are kept, for how long, and which of them."""

from __future__ import annotations

from qgis.core import QgsApplication, QgsSettings
from qgis.gui import QgsPasswordLineEdit
from qgis.PyQt.QtWidgets import QCheckBox, QGroupBox, QVBoxLayout

from ...bridge import log
from ...bridge.i18n import tr
from ...bridge.plain import tool_tip
from ...bridge.server import connections
from ...bridge.settings import CACHE_ALL, STEPS_IN_BACKGROUND, STEPS_IN_TOOLBOX, kept
from ...bridge.steps.mirrored import PROVIDER
from ...bridge.words import failures
from ...core.redis.failures import StoreError
from .store_fields import StoreFields


class CacheBox(QGroupBox):
    """Shows what the Cache panel shows too, and what only stands here; ``apply`` keeps what was entered."""

    def __init__(self) -> None:
        super().__init__(tr("Cache"))
        layout = QVBoxLayout(self)
        self.store = StoreFields("redis_geo_options_cache")
        self.store.namespace.setMaximumWidth(320)
        self.store.ttl.setMaximumWidth(320)
        layout.addWidget(self.store)
        self.cache_all = _box(
            layout,
            "redis_geo_options_cache_all",
            tr("Keep every result, also those that are quicker to compute than to fetch"),
            tr(
                "Many points, and other small geometries where that proves quicker, are computed on the "
                "spot and not stored. Tick this where the results themselves are wanted on the server."
            ),
            kept(CACHE_ALL, False),
        )
        self._steps(layout)
        self.sealed = _box(
            layout,
            "redis_geo_options_cache_sealed",
            tr("Trust only results that are sealed with a shared secret"),
            tr(
                "For servers that others can write to: results without the seal are computed anew. Everyone "
                "who shares results, workers too, needs the same secret. It is kept in QGIS's "
                "authentication database."
            ),
            connections.cache_is_sealed(),
        )
        self.secret = QgsPasswordLineEdit()
        self.secret.setObjectName("redis_geo_options_cache_secret")
        self.secret.setMaximumWidth(320)
        self.secret.setPlaceholderText(tr("(unchanged)") if self.sealed.isChecked() else tr("Shared secret"))
        self.secret.setEnabled(self.sealed.isChecked())
        self.sealed.toggled.connect(self.secret.setEnabled)
        layout.addWidget(self.secret)

    def _steps(self, layout: QVBoxLayout) -> None:
        """What the algorithms of QGIS and models do with the cache."""
        self.in_toolbox = _box(
            layout,
            "redis_geo_options_steps_in_toolbox",
            tr("Show the cached algorithms of QGIS in the toolbox too"),
            tr(
                "Under “Redis Geo (cached)” the toolbox lists your models. Tick this to have QGIS's own "
                "algorithms there as well, for single runs; models and scripts can use them either way."
            ),
            kept(STEPS_IN_TOOLBOX, False),
        )
        self.in_background = _box(
            layout,
            "redis_geo_options_steps_in_background",
            tr("Run models with the cache in the background (experimental)"),
            tr(
                "The window stays usable meanwhile, and the tab Models shows each step as it goes. QGIS 3.22 "
                "may end when the map is drawn or the project is changed during the run: save your work "
                "before. Without this, QGIS waits for the end of the run."
            ),
            kept(STEPS_IN_BACKGROUND, False),
        )

    def apply(self) -> None:
        """Keep what was entered; a namespace that is none leaves the old one."""
        if not self.store.problem():
            self.store.choices().remember()
        QgsSettings().setValue(CACHE_ALL, self.cache_all.isChecked())
        self._keep_steps(
            {
                STEPS_IN_TOOLBOX: self.in_toolbox.isChecked(),
                STEPS_IN_BACKGROUND: self.in_background.isChecked(),
            }
        )
        try:
            self._keep_secret()
        except StoreError as error:
            log.warning(failures.in_words(error.failure))

    @staticmethod
    def _keep_steps(wanted: dict[str, bool]) -> None:
        settings = QgsSettings()
        if all(kept(name, False) == value for name, value in wanted.items()):
            return
        for name, value in wanted.items():
            settings.setValue(name, value)
        provider = QgsApplication.processingRegistry().providerById(PROVIDER)
        if provider is not None:
            provider.refreshAlgorithms()

    def _keep_secret(self) -> None:
        """Keep a secret that was entered, and forget it where it is no longer wanted."""
        if not self.sealed.isChecked():
            connections.keep_cache_secret("")
        elif self.secret.text():
            connections.keep_cache_secret(self.secret.text())


def _box(layout: QVBoxLayout, name: str, text: str, tip: str, checked: bool) -> QCheckBox:
    """A box at the end of the layout, with this objectName."""
    box = QCheckBox(text)
    box.setObjectName(name)
    box.setToolTip(tool_tip(tip))
    box.setChecked(checked)
    layout.addWidget(box)
    return box
