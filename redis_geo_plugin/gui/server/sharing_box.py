"""The part of the Options page about what this QGIS shares about its runs, and how often the cache is put to
the test."""

from __future__ import annotations

from qgis.PyQt.QtWidgets import QCheckBox, QFormLayout, QGroupBox, QLineEdit, QSpinBox

from ...bridge.cache import sharing
from ...bridge.i18n import tr

RAREST = 1_000_000


class SharingBox(QGroupBox):
    """Shows the settings of ``bridge/cache/sharing.py``; ``apply`` keeps what was entered."""

    def __init__(self) -> None:
        super().__init__(tr("Shared results"))
        form = QFormLayout(self)
        self.enabled = QCheckBox(tr("List what I compute among the recent results that everyone sees"))
        self.enabled.setObjectName("redis_geo_sharing_enabled")
        self.enabled.setChecked(sharing.is_enabled())
        form.addRow(self.enabled)
        self.author = QLineEdit(sharing.chosen_author())
        self.author.setObjectName("redis_geo_sharing_author")
        self.author.setMaxLength(80)
        self.author.setMaximumWidth(320)
        self.author.setPlaceholderText(sharing.login_name())
        self.author.setToolTip(tr("Stands beside results, and with the jobs that are sent to workers."))
        form.addRow(tr("Under the name"), self.author)
        self.prove = QSpinBox()
        self.prove.setObjectName("redis_geo_prove_one_in")
        self.prove.setMaximumWidth(200)
        self.prove.setRange(0, RAREST)
        self.prove.setPrefix(tr("one in "))
        self.prove.setSpecialValueText(tr("none"))
        self.prove.setGroupSeparatorShown(True)
        self.prove.setValue(sharing.prove_one_in())
        self.prove.setToolTip(
            tr(
                "So many of the results read from the cache are computed once more in the background and "
                "compared. One that differs is reported and replaced."
            )
        )
        form.addRow(tr("Cached results computed anew as a test"), self.prove)

    def apply(self) -> None:
        """Keep what was entered."""
        sharing.keep(self.author.text().strip(), self.enabled.isChecked(), self.prove.value())
