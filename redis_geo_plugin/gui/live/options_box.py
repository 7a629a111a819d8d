"""The part of the Options page about live positions: how large fleets are read."""

from __future__ import annotations

from qgis.core import QgsSettings
from qgis.PyQt.QtWidgets import QCheckBox, QFormLayout, QGroupBox, QSpinBox, QVBoxLayout

from ...bridge.i18n import tr
from ...bridge.live.mapped_layer import LEAST_SIZE, USUAL_SIZE
from ...bridge.plain import tool_tip
from ...bridge.settings import MAPPED, MAPPED_FROM, kept

MOST = 10_000_000
STEP = 10_000


class LiveBox(QGroupBox):
    """``apply`` keeps what was entered: feeds follow when they next read."""

    def __init__(self) -> None:
        super().__init__(tr("Live positions"))
        layout = QVBoxLayout(self)
        self.mapped = QCheckBox(tr("Read large fleets in a process of their own (experimental)"))
        self.mapped.setObjectName("redis_geo_options_live_mapped")
        self.mapped.setToolTip(
            tool_tip(
                tr(
                    "The layer then shows files in shared memory that this process writes, and the window "
                    "stays quick. Such a layer knows no past: a feed with trails, geofences or a restriction "
                    "to the map view stays as it is."
                )
            )
        )
        self.mapped.setChecked(kept(MAPPED, False))
        layout.addWidget(self.mapped)
        self.size = QSpinBox()
        self.size.setObjectName("redis_geo_options_live_mapped_from")
        self.size.setRange(LEAST_SIZE, MOST)
        self.size.setSingleStep(STEP)
        self.size.setGroupSeparatorShown(True)
        self.size.setMaximumWidth(200)
        self.size.setValue(kept(MAPPED_FROM, USUAL_SIZE, LEAST_SIZE))
        self.size.setEnabled(self.mapped.isChecked())
        self.mapped.toggled.connect(self.size.setEnabled)
        form = QFormLayout()
        form.addRow(tr("From this number of vehicles on"), self.size)
        layout.addLayout(form)

    def apply(self) -> None:
        """Keep what was entered."""
        settings = QgsSettings()
        settings.setValue(MAPPED, self.mapped.isChecked())
        settings.setValue(MAPPED_FROM, self.size.value())
