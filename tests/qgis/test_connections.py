"""Saved connections, their form, the Options page, the lamp and the local server, as a user meets them."""

from __future__ import annotations

from pathlib import Path

import pytest
from qgis.core import QgsApplication, QgsSettings
from qgis.PyQt import sip
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication, QDialogButtonBox, QLineEdit, QPushButton

from redis_geo_plugin.bridge.server import connections
from redis_geo_plugin.bridge.server.connections import SavedConnection
from redis_geo_plugin.bridge.words import failures
from redis_geo_plugin.core.redis.failures import Failure, FailureKind, StoreError
from redis_geo_plugin.core.redis.settings import ConnectionSettings, Deployment
from redis_geo_plugin.gui.connection_monitor import ConnectionState
from redis_geo_plugin.gui.connections.form import ConnectionForm
from tests.support.lamp import everything_in_settings, lamp_of
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
