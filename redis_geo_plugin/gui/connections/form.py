"""The form of one connection: fields or a pasted URL, a test with an answer in words, the secret kept
apart."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Optional

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor, QKeyEvent
from qgis.PyQt.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ...bridge.i18n import tr
from ...bridge.plain import tool_tip
from ...bridge.server import connections
from ...bridge.server.connections import SavedConnection
from ...bridge.words import failures
from ...core.redis.failures import StoreError
from ...core.redis.settings import ConnectionSettings, Deployment, InvalidUrl, from_url
from ..dialogs import buttons
from ..drawing import dot
from ..help import open_help
from ..icons import icon
from ..labels import Label
from .fields import Fields
from .tester import Tester, probe_in_words

if TYPE_CHECKING:
    from ...core.redis.probing import Probe

GOOD, BAD, BUSY = QColor("#2e9e44"), QColor("#d82c20"), QColor("#e59c00")


class ConnectionForm(QDialog):
    """Edits a saved connection, or a new one where ``original`` is None. ``saved_name`` is its name after
    accept."""

    def __init__(
        self, parent: Optional[QWidget], original: Optional[SavedConnection] = None, *, copy: bool = False
    ):
        super().__init__(parent)
        self.setObjectName("redis_geo_connection_form")
        self.setWindowTitle(tr("Redis connection"))
        self.setWindowIcon(icon("connection"))
        self.setMinimumWidth(520)
        self._original = None if copy else original
        self._authcfg = original.authcfg if original else ""
        self._sentinel_authcfg = original.sentinel_authcfg if original else ""
        self.saved_name = ""
        self._tester = Tester(self)
        self._tester.tested.connect(self._show_probe)
        self._tested: Optional[ConnectionSettings] = None
        self._build()
        if original is not None:
            self.fields.fill(original.settings)
            self.name.setText(connections.free_name(original.name) if copy else original.name)
        else:
            self.name.setText(connections.free_name("Redis"))
        if self._authcfg:
            self.fields.password.setPlaceholderText(tr("(unchanged)"))
        if self._sentinel_authcfg:
            self.fields.sentinel_password.setPlaceholderText(tr("(unchanged)"))
        self.fields.edited.connect(self._forget_test)
        self.name.selectAll()

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        form = QFormLayout()
        self.name = QLineEdit()
        self.name.setObjectName("redis_geo_connection_name")
        form.addRow(tr("Name"), self.name)
        self.url = QLineEdit()
        self.url.setObjectName("redis_geo_connection_url")
        self.url.setPlaceholderText("redis://host:6379/0, rediss://…, unix:///…")
        self.url.setClearButtonEnabled(True)
        self.url.setToolTip(
            tr(
                "Paste an address here to fill the form, or type one and press Enter. A password in it goes "
                "into the password field."
            )
        )
        self.url.textChanged.connect(self._url_changed)
        self.url.editingFinished.connect(self._take_url)
        self._url_before = self._url_taken = ""
        self._url_fault = ""
        form.addRow(tr("Paste a URL"), self.url)
        layout.addLayout(form)
        self.fields = Fields(self)
        layout.addWidget(self.fields.widget, 1)
        layout.addLayout(self._test_row())
        box, _ = buttons(tr("Save"), help_clicked=lambda: open_help("connections"))
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        layout.addWidget(box)

    def _test_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self.test_button = QPushButton(tr("Test connection"))
        self.test_button.setObjectName("redis_geo_connection_test")
        self.test_button.setAutoDefault(False)
        self.test_button.clicked.connect(self.test)
        self._lamp = Label()
        self.result = Label()
        self.result.setObjectName("redis_geo_connection_result")
        self.result.setWordWrap(True)
        self.result.setTextFormat(Qt.TextFormat.PlainText)
        self.result.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.result.setContentsMargins(0, 4, 0, 0)
        self._lamp.setContentsMargins(0, 5, 0, 0)
        self.result.setMinimumHeight(3 * self.fontMetrics().height())
        row.addWidget(self.test_button, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._lamp, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.result, 1)
        return row

    def test(self) -> None:
        """Ask the server that the fields name; the answer comes within a second and shows beside the
        button."""
        if not self._take_url():
            return
        try:
            settings = self._with_password(self.fields.settings(self.name.text()))
        except (ValueError, StoreError) as error:
            self._say(BAD, _why(error))
            return
        self._tested = settings
        self.test_button.setEnabled(False)
        self._say(BUSY, tr("Asking the server…"))
        self._tester.test(settings)

    def accept(self) -> None:
        """Save the secret, then the connection; where either is refused the form stays open with all that is
        in it."""
        if not self._take_url():
            return
        name = self.name.text().strip()
        before = self._original.name if self._original else ""
        try:
            if name != before and connections.load(name) is not None:
                raise ValueError(tr("There is already a connection named {name}.").format(name=name))
            settings = self.fields.settings(name)
            connections.check_name(name)
            secrets = self._store_secret(name), self._store_sentinel_secret(name, settings)
        except (ValueError, StoreError) as error:
            self._say(BAD, _why(error))
            return
        connections.rename(before, SavedConnection(settings, secrets[0], False, secrets[1]))
        self.saved_name = name
        super().accept()

    def done(self, result: int) -> None:
        self._tester.forget()
        super().done(result)

    def _store_secret(self, name: str) -> str:
        """The id of the authentication configuration, empty where the server wants no password."""
        password, username = self.fields.password.text(), self.fields.username.text().strip()
        own = self._original is not None  # a copy gets a configuration of its own
        if not password and self._authcfg:
            if own and username == self._original.settings.username:
                return self._authcfg
            password = connections.read_secret(self._authcfg)[1]
        if not password:
            return ""
        return connections.store_secret(name, username, password, self._authcfg if own else "")

    def _store_sentinel_secret(self, name: str, settings: ConnectionSettings) -> str:
        """The same for the sentinels' own password; one that is no longer wanted is forgotten."""
        own = self._original is not None
        if settings.deployment is not Deployment.SENTINEL:
            if own:
                connections.forget_secret(self._sentinel_authcfg)
            return ""
        password, username = self.fields.sentinel_password.text(), settings.sentinel_username
        if not password and self._sentinel_authcfg:
            if own and username == self._original.settings.sentinel_username:
                return self._sentinel_authcfg
            password = connections.read_secret(self._sentinel_authcfg)[1]
        if not password:
            return ""
        title = tr("{name}, sentinels").format(name=name)
        return connections.store_secret(title, username, password, self._sentinel_authcfg if own else "")

    def _with_password(self, settings: ConnectionSettings) -> ConnectionSettings:
        password = self.fields.password.text()
        if not password and self._authcfg:
            password = connections.read_secret(self._authcfg)[1]
        sentinel = self.fields.sentinel_password.text()
        if settings.deployment is not Deployment.SENTINEL:
            sentinel = ""
        elif not sentinel and self._sentinel_authcfg:
            sentinel = connections.read_secret(self._sentinel_authcfg)[1]
        return replace(settings, password=password, sentinel_password=sentinel)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Enter in the address fills the form from it, and saves nothing yet."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if not (enter and self.url.hasFocus()):
            super().keyPressEvent(event)

    def _url_changed(self, text: str) -> None:
        """Take what was pasted. What is typed may not be the whole address yet: it is taken, and its password
        hidden, when the field is left or Enter is pressed."""
        pasted = abs(len(text) - len(self._url_before)) > 1
        self._url_before = text
        if pasted:
            self._take_url()

    def _take_url(self) -> bool:
        """Fill the form from the address, once, and take its password off the screen. False, and said, where
        what stands there is no address."""
        text = self.url.text().strip()
        if text != self._url_taken:
            self._url_taken = text
            self._url_fault = self._fill_from(text) if text else ""
        if self._url_fault:
            self._say(BAD, self._url_fault)
        return not self._url_fault

    def _fill_from(self, text: str) -> str:
        """Empty where it was filled, else what is wrong with the address."""
        try:
            settings = from_url(text, self.name.text())
        except InvalidUrl as error:
            return failures.of_address(error)
        self.fields.fill_address(settings)
        if settings.password or settings.sentinel_password:
            self._url_before = self._url_taken = settings.full_url()
            self.url.setText(self._url_taken)
        self._say(GOOD, tr("The form is filled from the address."))
        return ""

    def _show_probe(self, probe: Probe) -> None:
        self.test_button.setEnabled(True)
        good, text = probe_in_words(probe, self._tested)
        self._say(GOOD if good else BAD, text, probe.failure.words if probe.failure else "")

    def _say(self, color: QColor, text: str, details: str = "") -> None:
        self._lamp.setPixmap(dot(color, self.fontMetrics().height()))
        self.result.setText(text)
        self.result.setToolTip(
            tool_tip(tr("The server said: {words}").format(words=details) if details else "")
        )

    def _forget_test(self) -> None:
        """Discard the result of a test, since the fields have changed."""
        self._tester.forget()
        self.test_button.setEnabled(True)
        self._lamp.clear()
        self.result.clear()


def _why(error: Exception) -> str:
    return failures.in_words(error.failure) if isinstance(error, StoreError) else str(error)


def edit(parent: Optional[QWidget], name: str = "", *, copy: bool = False) -> str:
    """Show the form for a saved connection (or a new one) and return the name it was saved under, else ''."""
    form = ConnectionForm(parent, connections.load(name) if name else None, copy=copy)
    try:
        return form.saved_name if form.exec() else ""
    finally:
        form.deleteLater()
