"""Each picture of the docs comes from a scene, so that ``make pictures`` makes all of them anew."""

from __future__ import annotations

from pathlib import Path

from tools.demo.gallery import IMAGES, PICTURES

ROOT = Path(__file__).resolve().parents[3]
DEMO = ROOT / "tools" / "demo"


def test_every_image_is_one_that_the_script_makes():
    there = {path.stem.removesuffix("-fr") for path in IMAGES.glob("*.png")}
    assert len(there) > 20
    assert there == set(PICTURES)
    assert {path.name for path in IMAGES.iterdir()} == {
        f"{name}{ending}.png" for name in PICTURES for ending in ("", "-fr")
    }


def test_every_picture_is_taken_by_a_scene():
    sources = [path.read_text(encoding="utf-8") for path in [*DEMO.glob("scenes/*.py"), DEMO / "start.py"]]
    taken = "\n".join(sources).replace('f"1{number}-buffers-run-{number}"', '"12-buffers-run-2"')
    assert sorted(name for name in PICTURES.values() if f'"{name}"' not in taken) == []


def test_every_image_is_shown_somewhere():
    pages = [*ROOT.glob("README*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("docs/fr/*.md")]
    shown = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    assert sorted(path.name for path in IMAGES.glob("*.png") if f"images/{path.name}" not in shown) == []
