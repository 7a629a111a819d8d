"""What workers say of failed jobs, in the user's language: all that the plugin itself writes is known."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from qgis.PyQt.QtCore import QCoreApplication, QTranslator

from redis_geo_plugin.bridge.i18n import RESOURCES
from redis_geo_plugin.bridge.jobs.job_words import reason_in_words
from redis_geo_plugin.bridge.jobs.worker_words import worker_words
from redis_geo_plugin.core.jobs.model import JobReason

PACKAGE = Path(__file__).resolve().parents[2] / "redis_geo_plugin"
# (folder, who is called, which argument holds the words)
SPEAKERS = (
    ("worker", "BadJob", 1),
    ("core/jobs", "BadJob", 1),
    ("core/operations", "ValueError", 0),
)


def written(node):
    """A literal as a worker writes it, with 7 for what is filled in; None for what is no sentence."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = node.value
    elif isinstance(node, ast.JoinedStr):
        text = "".join(part.value if isinstance(part, ast.Constant) else "7" for part in node.values)
    else:
        return None
    return text if re.search(r"[a-z]{2}", text) else None  # a name and its version are in no language


def sentences():
    found = set()
    for folder, speaker, place in SPEAKERS:
        for path in (PACKAGE / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                name = getattr(getattr(node, "func", None), "id", "")
                if isinstance(node, ast.Call) and name == speaker and len(node.args) > place:
                    found.add(written(node.args[place]))
    return sorted(found - {None})


@pytest.fixture
def french(qgis_app):
    translator = QTranslator()
    assert translator.load(str(RESOURCES / "translations" / "redis_geo_fr.qm"))
    QCoreApplication.installTranslator(translator)
    yield
    QCoreApplication.removeTranslator(translator)


def test_there_are_sentences():
    assert len(sentences()) > 12 and "the job has none" in sentences()


@pytest.mark.parametrize("sentence", sentences())
def test_what_a_worker_writes_is_said_in_french(french, sentence):
    said = worker_words(sentence)
    assert said != sentence, "not in worker_words.py, or not translated"


def test_what_was_filled_in_is_kept_and_what_others_say_too(french):
    assert "3.11.1" in worker_words("GEOS 3.14 is wanted, here is 3.11.1")
    assert "segments" in worker_words("no segments")
    assert (
        worker_words("TopologyException: side location conflict")
        == "TopologyException: side location conflict"
    )


@pytest.mark.parametrize("reason", [r.value for r in JobReason] if hasattr(JobReason, "__members__") else [
    value for name, value in vars(JobReason).items() if name.isupper()])  # fmt: skip
def test_every_reason_has_french_words(french, reason):
    french_words = reason_in_words(reason)
    assert french_words != reason and not french_words.startswith(
        ("The ", "It ", "No ", "Its ", "A ", "Workers")
    )
