"""The pages of the connection form, and their translation from and to settings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from qgis.gui import QgsFileWidget, QgsPasswordLineEdit
from qgis.PyQt.QtCore import QObject, Qt, pyqtSignal
from qgis.PyQt.QtGui import QPalette
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLineEdit,
    QSpinBox,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from ...bridge.i18n import tr
from ...core.redis.settings import DEFAULT_PORT, ConnectionSettings, Deployment, read_nodes, write_nodes
from ..labels import Label

HIGHEST_DATABASE = 16383


class Fields(QObject):
    """Every field of a connection but its name, on the tabs of ``widget``. ``edited`` is emitted when one
    changes."""

    edited = pyqtSignal()

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self.widget = QTabWidget(parent)
        self.widget.setObjectName("redis_geo_connection_tabs")
        self.widget.addTab(self._server_page(), tr("Server"))
        self.widget.addTab(self._tls_page(), tr("TLS"))
        self.widget.addTab(self._more_page(), tr("More"))
        self._by_deployment()
        for line in self.widget.findChildren(QLineEdit):
            line.textChanged.connect(self.edited)
        self.port.valueChanged.connect(self.edited)
        self.database.valueChanged.connect(self.edited)
        self.tls.toggled.connect(self.edited)

    def fill(self, settings: ConnectionSettings) -> None:
        """Show a connection. A password that it carries goes into the password field."""
        self.deployment.setCurrentIndex(self.deployment.findData(settings.deployment.value))
        self.host.setText(settings.host)
        self.port.setValue(settings.port)
        self.unix_socket.setText(settings.unix_socket)
        self.nodes.setText(write_nodes(settings.nodes))
        self.service.setText(settings.service)
        self.database.setValue(min(max(settings.database, 0), HIGHEST_DATABASE))
        self.username.setText(settings.username)
        if settings.password:
            self.password.setText(settings.password)
        self.tls.setChecked(settings.tls)
        self.tls_ca.setFilePath(settings.tls_ca)
        self.tls_certificate.setFilePath(settings.tls_certificate)
        self.tls_key.setFilePath(settings.tls_key)
        self.key_prefix.setText(settings.key_prefix)
        self.production.setChecked(settings.production)
        self.search_replicas.setChecked(settings.search_replicas)
        self.sentinel_username.setText(settings.sentinel_username)
        if settings.sentinel_password:
            self.sentinel_password.setText(settings.sentinel_password)

    def fill_address(self, found: ConnectionSettings) -> None:
        """Show what an address says. What it does not say stays: the mark of a production server, files of
        certificates, a prefix of keys."""
        self.fill(
            replace(
                found,
                tls_ca=found.tls_ca or self.tls_ca.filePath(),
                tls_certificate=found.tls_certificate or self.tls_certificate.filePath(),
                tls_key=found.tls_key or self.tls_key.filePath(),
                key_prefix=found.key_prefix or self.key_prefix.text(),
                production=self.production.isChecked(),
                search_replicas=found.search_replicas or self.search_replicas.isChecked(),
                sentinel_username=found.sentinel_username or self.sentinel_username.text(),
            )
        )

    def settings(self, name: str) -> ConnectionSettings:
        """The connection as it stands in the fields, without its password. Raises ValueError for bad
        nodes."""
        deployment = Deployment(self.deployment.currentData())
        single, sentinel = deployment is Deployment.SINGLE, deployment is Deployment.SENTINEL
        tls = self.tls.isChecked()
        settings = ConnectionSettings(
            name=name,
            host=self.host.text().strip() or "127.0.0.1",
            port=self.port.value(),
            unix_socket=self.unix_socket.text().strip() if single else "",
            database=0 if deployment is Deployment.CLUSTER else self.database.value(),
            username=self.username.text().strip(),
            deployment=deployment,
            service=self.service.text().strip() if sentinel else "",
            nodes=() if single else read_nodes(self.nodes.text()),
            tls=tls,
            key_prefix=self.key_prefix.text(),
            production=self.production.isChecked(),
            search_replicas=sentinel and self.search_replicas.isChecked(),
            sentinel_username=self.sentinel_username.text().strip() if sentinel else "",
        )
        if not tls:
            return settings
        return replace(
            settings,
            tls_ca=self.tls_ca.filePath(),
            tls_certificate=self.tls_certificate.filePath(),
            tls_key=self.tls_key.filePath(),
        )

    def _server_page(self) -> QWidget:
        page = QWidget()
        form = self._server_form = QFormLayout(page)
        self.deployment = _named(QComboBox(), "deployment")
        for kind, text in (
            (Deployment.SINGLE, tr("Single server")),
            (Deployment.SENTINEL, tr("Sentinel (a primary and its replicas)")),
            (Deployment.CLUSTER, tr("Cluster")),
        ):
            self.deployment.addItem(text, kind.value)
        self.deployment.currentIndexChanged.connect(self._by_deployment)
        form.addRow(tr("Deployment"), self.deployment)
        self.host = _named(QLineEdit("127.0.0.1"), "host")
        self.port = _named(QSpinBox(), "port")
        self.port.setRange(1, 65535)
        self.port.setValue(DEFAULT_PORT)
        address = QHBoxLayout()
        address.addWidget(self.host, 1)
        address.addWidget(Label(tr("Port")))
        address.addWidget(self.port)
        form.addRow(tr("Host"), address)
        self.nodes = _named(QLineEdit(), "nodes")
        self.nodes.setPlaceholderText("host2:6379, host3:6379")
        form.addRow(tr("Further nodes"), self.nodes)
        self.service = _named(QLineEdit(), "service")
        self.service.setPlaceholderText("mymaster")
        form.addRow(tr("Service name"), self.service)
        self.database = _named(QSpinBox(), "database")
        self.database.setRange(0, HIGHEST_DATABASE)
        form.addRow(tr("Database"), self.database)
        self.unix_socket = _named(QLineEdit(), "unix_socket")
        self.unix_socket.setPlaceholderText(tr("instead of host and port: /run/redis/redis.sock"))
        form.addRow(tr("Unix socket"), self.unix_socket)
        form.addRow(self._sign_in())
        return page

    def _sign_in(self) -> QGroupBox:
        box = QGroupBox(tr("Sign-in"))
        form = QFormLayout(box)
        self.username = _named(QLineEdit(), "username")
        self.username.setPlaceholderText(tr("empty for the default user"))
        form.addRow(tr("User"), self.username)
        self.password = _named(QgsPasswordLineEdit(), "password")
        form.addRow(tr("Password"), self.password)
        self.sentinel_username = _named(QLineEdit(), "sentinel_username")
        self.sentinel_username.setPlaceholderText(tr("only where the sentinels ask for one"))
        form.addRow(tr("User for the sentinels"), self.sentinel_username)
        self.sentinel_password = _named(QgsPasswordLineEdit(), "sentinel_password")
        form.addRow(tr("Password for the sentinels"), self.sentinel_password)
        self._sign_in_form = form
        form.addRow("", _note(tr("Kept in QGIS's encrypted authentication database, never in its settings.")))
        return box

    def _tls_page(self) -> QWidget:
        page = QWidget()
        form = QFormLayout(page)
        self.tls = _named(
            QCheckBox(tr("Encrypt the connection (TLS) and check the server's certificate")), "tls"
        )
        form.addRow(self.tls)
        certificates = tr("Certificates") + " (*.pem *.crt *.cer);;" + tr("All files") + " (*)"
        keys = tr("Keys") + " (*.pem *.key);;" + tr("All files") + " (*)"
        self.tls_ca = _file("tls_ca", tr("Certificate authority"), certificates)
        self.tls_certificate = _file("tls_certificate", tr("Client certificate"), certificates)
        self.tls_key = _file("tls_key", tr("Client key"), keys)
        form.addRow(tr("Certificate authority"), self.tls_ca)
        form.addRow(tr("Client certificate"), self.tls_certificate)
        form.addRow(tr("Client key"), self.tls_key)
        form.addRow(
            _note(
                tr(
                    "Empty certificate authority: those that this computer trusts. A certificate and key of "
                    "your own are needed only where the server asks its clients for them."
                )
            )
        )
        for widget in (self.tls_ca, self.tls_certificate, self.tls_key):
            widget.setEnabled(False)
            self.tls.toggled.connect(widget.setEnabled)
        return page

    def _more_page(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        form = QFormLayout()
        self.key_prefix = _named(QLineEdit(), "key_prefix")
        self.key_prefix.setPlaceholderText("team1:")
        self.key_prefix.setToolTip(
            tr("Stands before every key that is read or written, so that several teams can share one server.")
        )
        form.addRow(tr("Key prefix"), self.key_prefix)
        layout.addLayout(form)
        layout.addWidget(_note(self.key_prefix.toolTip()))
        self.production = _named(
            QCheckBox(tr("Production server: read only, unless confirmed")), "production"
        )
        layout.addWidget(self.production)
        self.search_replicas = _named(
            QCheckBox(tr("Search on replicas, which may be a moment behind")), "search_replicas"
        )
        layout.addWidget(self.search_replicas)
        layout.addStretch()
        return page

    def _by_deployment(self, *_index: object) -> None:
        """Show only the rows that this deployment needs."""
        deployment = Deployment(self.deployment.currentData())
        _show_row(self._server_form, self.nodes, deployment is not Deployment.SINGLE)
        _show_row(self._server_form, self.service, deployment is Deployment.SENTINEL)
        for field in (self.sentinel_username, self.sentinel_password):
            _show_row(self._sign_in_form, field, deployment is Deployment.SENTINEL)
        _show_row(self._server_form, self.database, deployment is not Deployment.CLUSTER)
        _show_row(self._server_form, self.unix_socket, deployment is Deployment.SINGLE)
        self.search_replicas.setVisible(deployment is Deployment.SENTINEL)
        self.edited.emit()


def _named(widget: Any, name: str) -> Any:
    widget.setObjectName(f"redis_geo_connection_{name}")
    return widget


def _note(text: str) -> Label:
    label = Label(text)
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
    lines = 2 + len(text) // 100
    label.setMinimumHeight(
        lines * label.fontMetrics().lineSpacing() + 2
    )  # else a nested layout cuts wrapped lines
    palette = label.palette()
    palette.setColor(QPalette.ColorRole.WindowText, palette.color(QPalette.ColorRole.PlaceholderText))
    label.setPalette(palette)
    return label


def _file(name: str, title: str, file_filter: str) -> QgsFileWidget:
    widget = _named(QgsFileWidget(), name)
    widget.setDialogTitle(title)
    widget.setFilter(file_filter)
    return widget


def _show_row(form: QFormLayout, field: QWidget, shown: bool) -> None:
    field.setVisible(shown)
    form.labelForField(field).setVisible(shown)
