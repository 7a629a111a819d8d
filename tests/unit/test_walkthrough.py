"""The walk of the day names buttons and fields as the window does, in English and in French, and shows its pictures."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = {"en": ROOT / "docs" / "walkthrough.md", "fr": ROOT / "docs" / "fr" / "walkthrough.md"}
# Words that QGIS itself shows, and names of layers and of the plugin, which are in no language of ours.
OF_QGIS = {
    "en": {"Coordinate", "Vector", "Geometry Tools", "Centroids…", "Centroids", "World Map", "Processing", "Toolbox",
           "History…", "Redis", "Redis Geo", "Run", "Help", "Close", "Database", "Save Layer Edits"},
    "fr": {"Coordonnée", "Vecteur", "Outils de géométrie", "Centroïdes…", "Centroïdes", "Carte du monde", "Traitement",
           "Boîte à outils", "Historique…", "Redis", "Redis Geo", "Exécuter", "Aide", "Fermer", "Base de données",
           "Enregistrer les modifications de la couche"},
}  # fmt: skip


def words_of_the_window(language):
    """Every text of the window in a language, values left out."""
    found = set()
    for path in (ROOT / "resources" / "translations").glob("*.ts"):
        for message in ElementTree.parse(path).iter("message"):
            text = message.find("source" if language == "en" else "translation").text or ""
            found.add(re.sub(r"\s*\(\{\w+\}\)$", "", text).replace("\xa0", " ").replace("\u202f", " "))
    return found


def named(page):
    """What the page sets in italics, each step of a way through a menu alone."""
    text = re.sub(r"\*\*[^*]*\*\*|`[^`]*`", "", " ".join(page.read_text(encoding="utf-8").split()))
    return {step.strip() for words in re.findall(r"\*([^*]+)\*", text) for step in words.split("‣")}


@pytest.mark.parametrize("language", sorted(PAGES))
def test_what_it_names_stands_in_the_window(language):
    names = named(PAGES[language])
    assert len(names) > 25
    assert sorted(names - OF_QGIS[language] - words_of_the_window(language)) == []


@pytest.mark.parametrize("language", sorted(PAGES))
def test_its_pictures_are_those_that_the_script_makes(language):
    from tools.demo.gallery import PICTURES

    page = PAGES[language]
    shown = re.findall(r"!\[[^\]]*\]\(([^)]*)\)", page.read_text(encoding="utf-8"))
    ending = "" if language == "en" else f"-{language}"
    assert len(shown) > 8
    for picture in shown:
        path = (page.parent / picture).resolve()
        assert path.is_file(), picture
        assert path.stem.removesuffix(ending) in PICTURES


def test_both_pages_have_the_same_steps():
    counts = [
        (len(re.findall(r"^## ", text, re.M)), len(re.findall(r"^\d\. ", text, re.M)), text.count("!["))
        for text in (page.read_text(encoding="utf-8") for page in PAGES.values())
    ]
    assert counts[0] == counts[1]
