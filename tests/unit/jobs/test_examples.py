"""The examples for administrators name what the worker has; a producer can work out where its result will be."""

from __future__ import annotations

import configparser
import json
import re
import subprocess
from pathlib import Path

import pytest

from redis_geo_plugin.core.jobs.names import result_key
from redis_geo_plugin.worker.options import Exit, parse

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "docs" / "examples"


def test_the_systemd_unit_starts_and_ends_a_worker_as_it_should_be(tmp_path):
    unit = configparser.ConfigParser(interpolation=None, comment_prefixes=("#",))
    unit.optionxform = str
    unit.read(EXAMPLES / "redis-geo-worker@.service", encoding="utf-8")
    service = unit["Service"]
    address = tmp_path / "url"
    address.write_text("redis://host:6379/0\n", encoding="utf-8")
    program, *words = service["ExecStart"].replace("${CREDENTIALS_DIRECTORY}/url", str(address)).split()
    options = parse(words)
    assert Path(program).name == "redis-geo-worker" and options.settings.host == "host"
    assert float(service["TimeoutStopSec"]) > options.grace, "it has the time to finish what it computes"
    assert service["KillMode"] == "mixed", "the worker alone is asked to end, not its computing processes"
    never_again = set(map(int, service["RestartPreventExitStatus"].split()))
    assert never_again == {Exit.USAGE, Exit.REFUSED, Exit.NO_SOURCE}


def test_systemd_itself_finds_nothing_wrong_with_the_unit(tmp_path):
    """Nor would it overlook a word that it does not know."""
    text = (EXAMPLES / "redis-geo-worker@.service").read_text(encoding="utf-8")
    program = "/opt/redis-geo/venv/bin/redis-geo-worker"
    assert f"ExecStart={program} " in text
    text = text.replace(program, "/bin/true")  # the one thing it names that is not here
    unit = tmp_path / "redis-geo-worker@1.service"
    for written, complaint in ((text, ""), (text.replace("KillMode=", "KilMode="), "'KilMode'")):
        unit.write_text(written, encoding="utf-8")
        command = ["systemd-analyze", "verify", "--man=no", str(unit)]
        told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False).stderr
        assert complaint in told and bool(told) == bool(complaint)


def test_the_container_copies_what_it_installs_and_starts_a_worker():
    lines = (EXAMPLES / "Containerfile").read_text(encoding="utf-8").splitlines()
    steps = [line.split(maxsplit=1) for line in lines if line and line[0] != "#"]
    for name, text in steps:
        if name == "COPY":
            assert all((ROOT / source).exists() for source in text.split()[:-1])
    (entry,) = [json.loads(text) for name, text in steps if name == "ENTRYPOINT"]
    assert parse([*entry[1:], "--url", "redis://host:6379/0"]).log_format == "json"
    script = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f"{entry[0]} = " in script.partition("[project.scripts]")[2]


@pytest.mark.parametrize("language", ["docs", "docs/fr"])
def test_the_pages_for_administrators_name_these_files(language):
    page = (ROOT / language / "jobs.md").read_text(encoding="utf-8")
    for name in ("redis-geo-worker@.service", "Containerfile"):
        assert f"docs/examples/{name}" in page and (EXAMPLES / name).exists()


@pytest.mark.parametrize(
    ("page", "title"), [("docs/jobs.md", "Exit codes"), ("docs/fr/jobs.md", "Codes de sortie")]
)
def test_the_docs_name_the_options_and_exit_codes_that_there_are(page, title, capsys):
    text = (ROOT / page).read_text(encoding="utf-8")
    with pytest.raises(SystemExit):
        parse(["--help"])
    told = capsys.readouterr().out
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `--")]
    assert set(re.findall(r"--[a-z-]+", " ".join(rows))) == set(re.findall(r"--[a-z-]+", told)) - {"--help"}
    codes = sorted(number for name, number in vars(Exit).items() if name.isupper())
    (sentence,) = re.findall(rf"{title} ?: (.*?)\.\n", text, re.DOTALL)
    for names in (sentence, told.partition("Exit codes:")[2]):
        assert sorted(map(int, re.findall(r"\b\d\b", names))) == codes


@pytest.mark.parametrize("page", ["administrators.md", "jobs.md"])
def test_both_languages_give_the_same_rights(page):
    """The tests of the roles read the English page."""
    english, french = (
        re.findall(r"ACL SETUSER .*|`\+cluster\|[^`]*`", (ROOT / folder / page).read_text(encoding="utf-8"))
        for folder in ("docs", "docs/fr")
    )
    assert english == french and english


@pytest.mark.parametrize(
    ("job", "key"),
    [
        ('{"type":"buffer","id":42,"distance":100}', "buffer:42:distance=100"),
        ('{"distance":100.50,"id":"a b:c","type":"buffer"}', "buffer:a b:c:distance=100.5"),
        ('{"type":"intersection","id":"é","with":7}', "intersection:é:with=7"),
        (
            '{"type":"buffer","id":1,"segments":8,"distance":2,"geodesic":true}',
            "buffer:1:distance=2:geodesic=true:segments=8",
        ),
    ],
)
def test_where_the_result_of_a_plain_job_will_be(job, key):
    assert result_key("taches_spatiales", json.loads(job)) == f"taches_spatiales:resultats:{key}"
