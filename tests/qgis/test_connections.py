"""Saved connections, their form, the Options page, the lamp and the local server, as a user meets them."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from qgis.core import Qgis, QgsApplication, QgsSettings
from qgis.PyQt import sip
from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication, QDialogButtonBox, QLineEdit, QPushButton, QScrollArea

from redis_geo_plugin.bridge.server import connections
from redis_geo_plugin.bridge.server.connections import SavedConnection
from redis_geo_plugin.bridge.words import failures
from redis_geo_plugin.core.redis import local_server as localserver
from redis_geo_plugin.core.redis.failures import Failure, FailureKind, StoreError
from redis_geo_plugin.core.redis.settings import ConnectionSettings, Deployment
from redis_geo_plugin.gui.connection_monitor import ConnectionState
from redis_geo_plugin.gui.connections import form as form_module
from redis_geo_plugin.gui.connections.form import ConnectionForm
from redis_geo_plugin.gui.connections.options_page import OptionsPage
from tests.support.answers import answer
from tests.support.servers import free_port

SECRET = "geheim-7up"
FULL = ConnectionSettings(
    name="full, with: signs = 100 % é",
    host="db.example.org",
    port=6390,
    database=3,
    username="ana",
    tls=True,
    tls_ca="/c/ca.pem",
    tls_certificate="/c/me.crt",
    tls_key="/c/me.key",
    deployment=Deployment.SENTINEL,
    service="mymaster",
    nodes=(("s2", 26379), ("::1", 26380)),
    key_prefix="team1:",
    production=True,
)


def everything_in_settings():
    settings = QgsSettings()
    return "\n".join(f"{key}={settings.value(key)}" for key in settings.allKeys())


def settings_files():
    QgsSettings().sync()
    folder = Path(QgsApplication.qgisSettingsDirPath())
    return [p for p in folder.rglob("*") if p.is_file() and p.suffix in (".ini", ".xml", ".json", ".txt")]


@pytest.fixture
def form(iface):
    made = []

    def make(name="", **options):
        made.append(ConnectionForm(iface.mainWindow(), connections.load(name) if name else None, **options))
        made[-1].show()
        return made[-1]

    yield make
    for one in made:
        if not sip.isdeleted(one):
            one.reject()
            one.deleteLater()


@pytest.fixture
def page(context, wait_until):
    from redis_geo_plugin.gui.connections.local_server import LocalServerControl

    local = LocalServerControl(context)
    made = OptionsPage(None, context.connections, local)
    made.show()
    yield made
    wait_until(lambda: not local.busy)
    made.close()
    made.deleteLater()
    local.deleteLater()


# Saved connections


def test_a_connection_is_saved_whole():
    connections.save(SavedConnection(FULL, "abc1234"))
    assert connections.load(FULL.name) == SavedConnection(FULL, "abc1234")
    assert connections.names() == [FULL.name]


@pytest.mark.parametrize("name", ["", "  ", "a/b", "a\\b", " a"])
def test_names_that_cannot_be_saved_are_refused(name):
    with pytest.raises(ValueError):
        connections.save(SavedConnection(ConnectionSettings(name=name)))
    assert connections.names() == []


def test_a_new_name_keeps_secret_and_activity(one_server):
    authcfg = connections.store_secret("a", "u", SECRET)
    connections.save(SavedConnection(ConnectionSettings(name="a"), authcfg))
    connections.set_active("a")
    connections.rename("a", SavedConnection(ConnectionSettings(name="b"), authcfg))
    assert connections.names() == ["b"]
    assert connections.active_name() == "b"
    assert connections.resolve().password == SECRET


def test_a_removed_connection_takes_its_secret_with_it():
    authcfg = connections.store_secret("a", "u", SECRET)
    connections.save(SavedConnection(ConnectionSettings(name="a"), authcfg))
    connections.set_active("a")
    connections.remove("a")
    assert connections.active_name() == "" and connections.names() == []
    with pytest.raises(StoreError):
        connections.read_secret(authcfg)


def test_the_environment_serves_where_nothing_is_active(monkeypatch, iface):
    with pytest.raises(StoreError) as caught:
        connections.resolve()
    assert caught.value.failure.kind is FailureKind.NO_CONNECTION
    monkeypatch.setenv("REDIS_GEO_URL", "redis://:pw@h:7/1")
    assert connections.resolve().port == 7
    connections.save(SavedConnection(ConnectionSettings(name="a", port=8)))
    connections.set_active("a")
    assert connections.resolve().port == 8  # in the window the active connection wins
    monkeypatch.setattr("qgis.utils.iface", None)
    assert connections.resolve().port == 7  # headless the variable does
    assert connections.resolve("a").port == 8


# The form


@pytest.mark.parametrize(
    "settings", [FULL, ConnectionSettings(name="socket", unix_socket="/run/valkey/valkey.sock")]
)
def test_the_form_shows_and_saves_every_setting(form, settings):
    connections.save(SavedConnection(settings))
    shown = form(settings.name)
    shown.accept()
    assert connections.load(settings.name).settings == settings


def test_a_password_goes_to_the_authentication_database_only(form, server):
    new = form()
    new.name.setText("team")
    new.url.setText(f"redis://ana:{SECRET}@127.0.0.1:{server.port}/2")
    assert new.fields.password.text() == SECRET
    assert SECRET not in new.url.text()
    assert (new.fields.username.text(), new.fields.database.value()) == ("ana", 2)
    new.accept()
    assert new.saved_name == "team"
    saved = connections.load("team")
    assert connections.resolve("team").password == SECRET
    assert saved.authcfg and SECRET not in repr(saved) + everything_in_settings()
    for path in settings_files():
        assert SECRET.encode() not in path.read_bytes(), path
    database = QgsApplication.authManager().authenticationDatabasePath()
    assert SECRET.encode() not in Path(database).read_bytes()


def test_an_edited_connection_keeps_its_password_unless_told(form):
    connections.save(
        SavedConnection(
            ConnectionSettings(name="a", username="u"), connections.store_secret("a", "u", SECRET)
        )
    )
    again = form("a")
    assert again.fields.password.text() == ""  # never shown
    again.fields.port.setValue(6400)
    again.accept()
    assert (connections.resolve("a").port, connections.resolve("a").password) == (6400, SECRET)
    renamed = form("a")
    renamed.fields.username.setText("other")
    renamed.accept()
    assert (connections.resolve("a").username, connections.resolve("a").password) == ("other", SECRET)
    changed = form("a")
    changed.fields.password.setText("next")
    changed.accept()
    assert connections.resolve("a").password == "next"
    assert len(QgsApplication.authManager().availableAuthMethodConfigs()) == 1


def test_a_copy_has_a_secret_of_its_own(form):
    connections.save(SavedConnection(ConnectionSettings(name="a"), connections.store_secret("a", "", SECRET)))
    form("a", copy=True).accept()
    assert connections.names() == ["a", "a 2"]
    connections.remove("a")
    assert connections.resolve("a 2").password == SECRET


def test_a_locked_authentication_database_loses_nothing(form, monkeypatch):
    """What QGIS does when the user refuses the master password: storing returns False."""
    monkeypatch.setattr(connections, "store_secret", _refuse)
    new = form()
    new.name.setText("team")
    new.fields.host.setText("db.example.org")
    new.fields.password.setText(SECRET)
    new.accept()
    assert new.isVisible() and new.saved_name == ""
    assert "master password" in new.result.text()
    assert (new.fields.host.text(), new.fields.password.text()) == ("db.example.org", SECRET)
    assert connections.names() == []


def _refuse(*_arguments):
    from redis_geo_plugin.core.redis.failures import Failure

    raise StoreError(Failure(FailureKind.SECRETS_LOCKED))


def test_a_name_that_is_taken_is_refused(form):
    connections.save(SavedConnection(ConnectionSettings(name="a", port=1)))
    new = form()
    new.name.setText("a")
    new.accept()
    assert new.isVisible() and "already" in new.result.text()
    assert connections.load("a").settings.port == 1


def test_an_address_that_is_typed_stays_until_the_field_is_left(form):
    """At "redis://:geheim@h" it is an address already, and "host" is still to come."""
    form = form()
    typed = "redis://ana:geheim@host:6380/2"
    form.url.setFocus()
    for end in range(1, len(typed) + 1):
        QTest.keyClicks(form.url, typed[end - 1])
        assert form.url.text() == typed[:end]
        assert form.fields.password.text() == "" and form.fields.host.text() == "127.0.0.1"
    form.url.editingFinished.emit()
    assert form.url.text() == "redis://ana@host:6380/2"
    assert (form.fields.host.text(), form.fields.port.value()) == ("host", 6380)
    assert form.fields.password.text() == "geheim"


def test_enter_in_the_address_fills_the_form_and_saves_nothing(form, spin):
    form = form()
    form.activateWindow()
    form.url.setFocus()
    spin(0.1)
    QTest.keyClicks(form.url, "rediss://:p@ss@db.example:7000/3")
    QTest.keyClick(form.url, Qt.Key.Key_Return)
    assert form.isVisible() and connections.names() == []
    assert (form.fields.host.text(), form.fields.database.value()) == ("db.example", 3)
    assert form.fields.password.text() == "p@ss" and form.fields.tls.isChecked()


def test_an_address_that_was_typed_is_saved_with_the_connection(form):
    form = form()
    QTest.keyClicks(form.url, "redis://elsewhere:7001")
    form.name.setText("typed")
    form.accept()
    assert connections.load("typed").settings.host == "elsewhere"


def test_what_is_no_address_is_not_saved_as_one(form):
    form = form()
    QTest.keyClicks(form.url, "http://elsewhere")
    form.accept()
    assert form.isVisible() and "not a Redis address" in form.result.text()
    assert connections.names() == []
    form.url.clear()
    form.accept()
    assert len(connections.names()) == 1


def test_an_address_changes_nothing_that_it_does_not_say(form):
    connections.save(SavedConnection(ConnectionSettings(
        name="kept", tls=True, tls_ca="/ca.pem", key_prefix="team1:", production=True)))  # fmt: skip
    form = form("kept")
    form.url.setText("rediss://elsewhere:7001/4")
    settings = form.fields.settings("kept")
    assert (settings.host, settings.database) == ("elsewhere", 4)
    assert (settings.tls_ca, settings.key_prefix, settings.production) == ("/ca.pem", "team1:", True)


def test_sentinels_may_have_a_password_of_their_own(form):
    form = form()
    form.url.setText(
        "redis+sentinel://ana:one@s1:26379/mymaster/0?sentinel_username=eve&sentinel_password=two"
    )
    assert "two" not in form.url.text() and "one" not in form.url.text()
    form.name.setText("guarded")
    form.accept()
    saved = connections.load("guarded")
    assert saved.settings.sentinel_username == "eve"
    assert saved.settings.sentinel_password == "" and saved.sentinel_authcfg != saved.authcfg
    ready = connections.resolve("guarded")
    assert (ready.password, ready.sentinel_username, ready.sentinel_password) == ("one", "eve", "two")
    assert "two" not in " ".join(str(QgsSettings().value(key)) for key in QgsSettings().allKeys())
    connections.remove("guarded")
    assert saved.sentinel_authcfg not in QgsApplication.authManager().configIds()


def test_bad_nodes_and_bad_urls_are_said(form):
    new = form()
    new.url.setText("http://example.org")
    assert "redis://" in new.result.text()
    new.url.clear()
    new.fields.deployment.setCurrentIndex(2)
    new.fields.nodes.setText("a:b")
    new.accept()
    assert new.isVisible() and "a:b" in new.result.text()


def test_the_fields_that_a_deployment_does_not_need_are_hidden(form):
    new = form()
    fields = new.fields
    assert [w.isVisible() for w in (fields.nodes, fields.service, fields.database, fields.unix_socket)] == [
        False, False, True, True,
    ]  # fmt: skip
    fields.deployment.setCurrentIndex(1)
    assert [w.isVisible() for w in (fields.nodes, fields.service, fields.database, fields.unix_socket)] == [
        True, True, True, False,
    ]  # fmt: skip
    fields.deployment.setCurrentIndex(2)
    assert [w.isVisible() for w in (fields.nodes, fields.service, fields.database, fields.unix_socket)] == [
        True, False, False, False,
    ]  # fmt: skip


def test_the_test_button_answers_in_words(form, make_server, wait_until):
    server = make_server("valkey", "--requirepass", SECRET)
    new = form()
    new.fields.port.setValue(server.port)

    def answer():
        new.findChild(QPushButton, "redis_geo_connection_test").click()
        assert not new.test_button.isEnabled()
        wait_until(new.test_button.isEnabled)
        return new.result.text()

    assert "asks for a password" in answer()
    new.fields.password.setText("wrong")
    assert new.result.text() == ""  # the answer was about other settings
    assert "refused this user name and password" in answer()
    new.fields.password.setText(SECRET)
    assert "Connected to Valkey 9" in answer()
    new.fields.database.setValue(99)
    assert "no database of this number" in answer()
    new.fields.port.setValue(free_port())
    assert "Nothing listens" in answer()
    assert SECRET not in new.result.toolTip() + new.result.text()


def test_the_test_button_tells_every_trouble_in_words_of_its_own(form, make_server, wait_until):
    from tests.support import peers

    server = make_server("redis")
    with server.client() as admin:
        admin.execute_command("ACL", "SETUSER", "mute", "on", ">pw", "-@all")
    web, mute = peers.Peer(peers.web_server), peers.Peer(peers.black_hole)
    new = form()

    def answer(port, username="", password=""):
        new.fields.port.setValue(port)
        new.fields.username.setText(username)
        new.fields.password.setText(password)
        new.test_button.click()
        wait_until(new.test_button.isEnabled)
        return new.result.text()

    try:
        assert "lacks the right" in answer(server.port, "mute", "pw")
        assert "not a Redis or Valkey server" in answer(web.port)
        assert "did not answer in time" in answer(mute.port)
    finally:
        web.close()
        mute.close()


@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        ("expired", "has expired"),
        ("elsewhere", "for another name than the host"),
        ("self", "authority that issued the server's certificate is not known"),
        ("good", "Connected to Redis"),
    ],
)
def test_the_test_button_tells_what_is_wrong_with_a_certificate(
    form, tls_server, wait_until, certificate, words
):
    _, settings = tls_server(certificate)
    new = form()
    new.fields.fill(settings)
    new.test_button.click()
    wait_until(new.test_button.isEnabled)
    assert words in new.result.text()


def test_every_failure_has_a_sentence_of_its_own():
    said = {kind: failures.in_words(Failure(kind)) for kind in FailureKind}
    assert all(said.values()) and len(set(said.values())) == len(said)


def test_closing_the_form_while_it_tests_is_harmless(form, make_server, spin):
    server = make_server()
    server.stop()
    new = form()
    new.fields.port.setValue(server.port)
    new.test()
    new.reject()
    new.deleteLater()
    spin(1.2)


# The Options page


def test_the_page_lists_and_activates(page, context, one_server, wait_until):
    connections.save(SavedConnection(ConnectionSettings(name="away", port=free_port())))
    context.connections.saved.emit()
    rows = {
        page.tree.topLevelItem(n).text(0): page.tree.topLevelItem(n)
        for n in range(page.tree.topLevelItemCount())
    }
    assert set(rows) == {"away", "test"}
    assert rows["test"].font(0).bold() and "Valkey" in rows["test"].text(2)
    page.tree.setCurrentItem(rows["away"])
    page.activate_button.click()
    assert context.connections.name == "away"
    wait_until(lambda: context.connections.state is ConnectionState.RECONNECTING)
    assert page.selected() == "away" and not page.activate_button.isEnabled()


def test_the_page_adds_edits_duplicates_and_removes(page, context, monkeypatch, iface):
    typed = {}

    def fill(self):
        self.name.setText(typed.get("name", self.name.text()))
        self.fields.host.setText(typed.get("host", self.fields.host.text()))
        self.accept()
        return 1

    monkeypatch.setattr(ConnectionForm, "exec", fill)
    typed.update(name="new", host="h1")
    page.add_button.click()
    assert connections.load("new").settings.host == "h1" and page.selected() == "new"
    assert context.connections.name == "new"  # as from the lamp: whoever adds one wants to work with it
    typed.update(name="renamed", host="h2")
    page.edit_button.click()
    assert connections.names() == ["renamed", "test"] and connections.load("renamed").settings.host == "h2"
    typed.clear()
    page.duplicate_button.click()
    assert connections.names() == ["renamed", "renamed 2", "test"]
    answer(monkeypatch, False)
    page.remove_button.click()
    assert len(connections.names()) == 3
    answer(monkeypatch, True)
    page.remove_button.click()
    assert connections.names() == ["renamed", "test"]


def test_the_page_scrolls_on_a_low_screen(page, spin):
    """QGIS's dialog is never lower than its pages want to be: on a laptop OK must not be below the screen."""
    assert page.minimumSizeHint().height() < 300
    page.resize(900, 400)
    page.show()
    area = page.findChild(QScrollArea)
    spin(0.05)
    assert area.verticalScrollBar().maximum() > 0 and area.horizontalScrollBar().maximum() == 0
    page.resize(900, 1100)
    spin(0.05)
    assert area.verticalScrollBar().maximum() == 0


def test_an_empty_list_says_what_to_do(page, context):
    connections.remove("test")
    context.connections.reload()
    context.connections.saved.emit()
    assert "add one" in page.tree.topLevelItem(0).text(0)
    assert context.connections.state is ConnectionState.NONE
    assert not page.edit_button.isEnabled() and not page.remove_button.isEnabled()


def test_settings_are_kept_when_the_dialog_is_accepted(page):
    from redis_geo_plugin.gui.connections import local_server

    page.autostart.setChecked(False)
    page.memory.setValue(64)
    assert local_server.autostart() and local_server.memory_mb() == 512
    page.apply()
    assert not local_server.autostart() and local_server.memory_mb() == 64


# The lamp and the local server


def lamp_of(plugin):
    return next(c for c in plugin.components if type(c).__name__ == "ConnectionsComponent").lamp


def local_of(plugin):
    return next(c for c in plugin.components if type(c).__name__ == "ConnectionsComponent").local


def menu_texts(lamp):
    lamp.fill_menu()
    return {a.objectName() or a.data() or "title": a for a in lamp.menu().actions() if not a.isSeparator()}


def test_the_lamp_follows_the_state_and_offers_what_helps(plugin, make_server, wait_until):
    lamp = lamp_of(plugin)
    wait_until(lambda: "Connected to Valkey" in lamp.toolTip())
    assert lamp.text() == "test"
    assert not menu_texts(lamp)["redis_geo_lamp_retry"].isEnabled()
    server = make_server("redis")
    connections.save(SavedConnection(ConnectionSettings(name="other", port=server.port)))
    menu_texts(lamp)["other"].trigger()
    wait_until(lambda: "Connected to Redis " in lamp.toolTip())
    server.kill()
    plugin.context.connections.retry_now()
    wait_until(lambda: "No connection at the moment" in lamp.toolTip())
    server.start()
    menu_texts(lamp)["redis_geo_lamp_retry"].trigger()
    wait_until(lambda: "Connected to Redis " in lamp.toolTip())


def test_the_lamp_opens_form_options_log_and_help(plugin, iface, monkeypatch):
    lamp = lamp_of(plugin)
    edited = []
    monkeypatch.setattr(form_module, "edit", lambda parent, name="", **_: edited.append(name) or "")
    actions = menu_texts(lamp)
    actions["redis_geo_lamp_edit"].trigger()
    actions["redis_geo_lamp_new"].trigger()
    assert edited == ["test", ""]
    actions["redis_geo_lamp_options"].trigger()
    assert iface.shown_options_pages == ["redis_geo_options"]
    actions["redis_geo_lamp_log"].trigger()
    assert iface.log_opened == 1


def test_a_local_server_is_started_found_again_and_stopped(plugin, iface, wait_until):
    lamp, local, monitor = lamp_of(plugin), local_of(plugin), plugin.context.connections
    try:
        menu_texts(lamp)["redis_geo_lamp_start_local"].trigger()
        wait_until(
            lambda: (
                local.running
                and monitor.state is ConnectionState.CONNECTED
                and monitor.name == "Local server"
            )
        )
        assert iface.bar.take_messages(Qgis.MessageLevel.Success)
        port, password = monitor.settings().port, monitor.settings().password
        assert len(password) > 20
        assert password not in everything_in_settings() + lamp.toolTip() + repr(monitor.settings())
        _write(monitor.settings(), "kept")

        plugin.unload()  # QGIS ends; the server stays, and is found again
        plugin.initGui()
        local, monitor = local_of(plugin), plugin.context.connections
        wait_until(lambda: local.running and monitor.state is ConnectionState.CONNECTED)
        assert monitor.settings().port == port

        menu_texts(lamp_of(plugin))["redis_geo_lamp_stop_local"].trigger()
        wait_until(lambda: local.running is False and not local.busy)
        wait_until(lambda: monitor.state is ConnectionState.RECONNECTING)
        wait_until(lambda: "local server is not running" in lamp_of(plugin).toolTip())
        assert localserver.find(connections.local_directory()) is None

        plugin.unload()  # the next start of QGIS starts it again, with its data
        plugin.initGui()
        local, monitor = local_of(plugin), plugin.context.connections
        wait_until(lambda: local.running and monitor.state is ConnectionState.CONNECTED)
        assert _read(monitor.settings()) == b"kept"
    finally:
        localserver.stop(connections.local_directory())


def test_after_a_crash_of_the_local_server_the_lamp_offers_to_start_it(plugin, wait_until, iface):
    local, monitor = local_of(plugin), plugin.context.connections
    lamp = next(c for c in plugin.components if type(c).__name__ == "ConnectionsComponent").lamp
    try:
        local.start(quiet=True)
        wait_until(lambda: local.running and monitor.state is ConnectionState.CONNECTED)
        os.kill(connections.local_server().pid, signal.SIGKILL)
        wait_until(lambda: monitor.state is ConnectionState.RECONNECTING)
        wait_until(lambda: local.running is False)
        lamp.fill_menu()
        names = [action.objectName() for action in lamp.menu().actions()]
        assert "redis_geo_lamp_start_local" in names and "redis_geo_lamp_stop_local" not in names
        local.start(quiet=True)
        wait_until(lambda: local.running and monitor.state is ConnectionState.CONNECTED)
    finally:
        localserver.stop(connections.local_directory())
        iface.bar.take_messages()


@pytest.mark.parametrize(("button", "with_password"), [("With the password", True), ("Without it", False)])
def test_the_local_servers_address_is_copied_for_other_programs(
    plugin, wait_until, iface, button, with_password
):
    local = local_of(plugin)
    try:
        local.start(quiet=True)
        wait_until(lambda: local.running)
        server = connections.local_server()
        QApplication.clipboard().clear()
        press(button)
        local.copy_address()
        assert QApplication.clipboard().text() == server.url(password=with_password)
        assert (server.password in QApplication.clipboard().text()) is with_password
        press("Cancel")
        QApplication.clipboard().clear()
        local.copy_address()
        assert QApplication.clipboard().text() == ""
    finally:
        localserver.stop(connections.local_directory())
        iface.bar.take_messages()


def press(text):
    """Press a button of the question that comes up next."""

    def now():
        box = QApplication.activeModalWidget()
        next(button for button in box.buttons() if button.text() == text).click()

    QTimer.singleShot(200, now)


def test_a_local_server_that_another_window_restarts_is_followed(plugin, wait_until, iface):
    local, monitor = local_of(plugin), plugin.context.connections
    directory = connections.local_directory()
    try:
        local.start(quiet=True)
        wait_until(
            lambda: (
                local.running
                and monitor.state is ConnectionState.CONNECTED
                and monitor.name == "Local server"
            )
        )
        before = monitor.settings().port
        localserver.stop(directory)
        after = localserver.start(directory).port
        assert after == before  # for other programs
        monitor.retry_now()
        wait_until(lambda: monitor.state is ConnectionState.CONNECTED and monitor.settings().port == after)
    finally:
        localserver.stop(directory)


def test_without_a_server_program_the_user_is_told_what_to_do(plugin, iface, monkeypatch, wait_until):
    monkeypatch.setattr(localserver, "find_program", lambda: None)
    local = local_of(plugin)
    local.start()
    wait_until(iface.bar.currentItem)
    (message,) = iface.bar.take_messages(Qgis.MessageLevel.Warning)
    assert "server program" in message
    assert not local.running


def test_the_missing_program_is_installed_after_asking_and_started(plugin, iface, monkeypatch, wait_until):
    """The answer No leaves all as it is; Yes installs (tested with pip in test_packages) and starts the server."""
    from redis_geo_plugin.bridge import installing

    found, installed = [], []
    there = localserver.find_program()
    monkeypatch.setattr(localserver, "find_program", lambda: found[0] if found else None)
    monkeypatch.setattr(
        installing, "install_server", lambda _watch: installed.append(1) or found.append(there)
    )
    local = local_of(plugin)
    local.start()
    wait_until(iface.bar.currentItem)
    button = iface.bar.currentItem().findChild(QPushButton)
    assert button.text() == "Install it…"
    iface.bar.take_messages()
    answer(monkeypatch, False)
    local.offer.ask_and_install()
    assert not local.busy and not installed
    answer(monkeypatch, True)
    button.click()
    try:
        wait_until(lambda: local.running and plugin.context.connections.state is ConnectionState.CONNECTED)
        assert installed == [1]
    finally:
        localserver.stop(connections.local_directory())


def test_no_secret_reaches_the_log(plugin, form, make_server, wait_until):
    heard = []
    log = QgsApplication.messageLog()
    log.messageReceived.connect(lambda *words: heard.append(" ".join(map(str, words))))
    server = make_server("redis", "--requirepass", "another")
    new = form()
    new.name.setText("secret")
    new.url.setText(f"redis://ana:{SECRET}@127.0.0.1:{server.port}/2")
    new.test()
    wait_until(new.test_button.isEnabled)
    new.accept()
    plugin.context.connections.activate("secret")
    wait_until(lambda: plugin.context.connections.state is ConnectionState.FAILED)
    plugin.context.tasks.start("t", lambda _task: _ping(plugin.context.connections.settings()))
    wait_until(lambda: any("invalid username-password" in line for line in heard))
    lamp = lamp_of(plugin)
    lamp.show_state()
    texts = [
        *heard,
        lamp.toolTip(),
        lamp.text(),
        lamp.accessibleName(),
        new.result.text(),
        new.result.toolTip(),
    ]
    assert not [text for text in texts if SECRET in text]


def _ping(settings):
    from redis_geo_plugin.core.redis.server import open_server

    return open_server(settings).interactive.ping()


def test_messages_go_with_the_plugin(plugin, iface, monkeypatch, wait_until):
    plugin.context.ui.message("something", button="Do it", clicked=lambda: None)
    assert len(iface.bar.items()) == 1
    plugin.unload()
    assert iface.bar.items() == []


def test_a_server_that_does_not_come_up_is_reported(plugin, iface, monkeypatch, wait_until):
    monkeypatch.setattr(localserver, "find_program", lambda: Path("/bin/false"))
    local = local_of(plugin)
    local.start()
    wait_until(lambda: not local.busy)
    (message,) = iface.bar.take_messages(Qgis.MessageLevel.Critical)
    assert "did not start" in message


def _client(settings):
    import redis

    return redis.Redis(host=settings.host, port=settings.port, password=settings.password)


def _write(settings, value):
    with _client(settings) as client:
        client.set("calculs:test", value)


def _read(settings):
    with _client(settings) as client:
        return client.get("calculs:test")


def test_the_help_window_shows_the_page_of_the_dialog(form, iface):
    from redis_geo_plugin.gui import help as help_module

    new = form()
    new.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Help).click()
    (window,) = [w for w in QApplication.topLevelWidgets() if w.objectName() == "redis_geo_help"]
    assert "Redis" in window.browser.toPlainText()
    help_module.close_help()


def test_no_line_edit_of_the_form_shows_a_password_in_the_clear(form):
    new = form()
    new.fields.password.setText(SECRET)
    shown = [line.displayText() for line in new.findChildren(QLineEdit)]
    assert SECRET not in shown


def test_what_is_shared_is_set_on_the_page(page):
    from redis_geo_plugin.bridge.cache import sharing

    box = page.sharing
    assert box.enabled.isChecked() and box.prove.value() == 500
    assert box.author.text() == "" and box.author.placeholderText() == sharing.author()
    box.enabled.setChecked(False)
    box.author.setText(" Ana ")
    box.prove.setValue(0)
    assert sharing.is_enabled()  # until the dialog is accepted
    page.apply()
    assert (sharing.author(), sharing.is_enabled(), sharing.prove_one_in()) == ("Ana", False, 0)
    assert sharing.recent_run("x") is None and not sharing.proof().wants()
    assert box.prove.text() == "none"


@pytest.mark.parametrize("value", ["x", None, -3])
def test_a_test_rate_edited_by_hand_spoils_nothing(value):
    from redis_geo_plugin.bridge.cache import sharing

    QgsSettings().setValue(sharing.PROVE_ONE_IN, value)
    assert sharing.prove_one_in() in (0, 500)
