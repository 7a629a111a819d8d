"""The pictures of docs/images from those that the scenes took: python -m tools.demo.gallery FOLDER LANGUAGE.

``make pictures`` plays the scenes at 1280 x 720 in each language and calls this.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from . import places

IMAGES = places.ROOT / "docs" / "images"
# Of each picture of docs/images the picture of a scene.
PICTURES = {
    "walk-window": "00-window",
    "walk-menu": "01-menu",
    "connections-lamp": "02-lamp",
    "connections-options": "03-options",
    "connections-form": "04-form",
    "cache-window": "12-buffers-run-2",
    "cache-dock": "13-cache-panel",
    "models-window": "15-model-again",
    "models-steps": "16-model-steps",
    "live-find": "21-find-positions",
    "live-window": "22-harbour-alive",
    "live-fences": "23-geofences",
    "live-rewind": "24-rewound",
    "live-rules": "25-rules",
    "features-find": "26-add-features",
    "features-window": "27-districts-live",
    "features-settings": "28-set-settings",
    "live-density": "2a-density",
    "search-radius": "32-ships-within-3-km",
    "readme-search": "32-ships-within-3-km",
    "search-layer": "33-ships-as-a-layer",
    "search-index": "34-free-taxis",
    "search-browser": "35-browser",
    "search-locator": "37-locator",
    "jobs-dock": "41-jobs-done",
    "search-load": "50-load-a-layer",
    "walk-purge": "51-purge",
    "walk-help": "52-help",
    "server-dock": "60-server",
    "server-recents": "61-recent-results",
    "server-lifetimes": "62-lifetimes",
}


def main() -> int:
    folder, language = Path(sys.argv[1]), sys.argv[2]
    ending = "" if language == "en" else f"-{language}"
    missing = [name for name in PICTURES.values() if not (folder / f"{name}.png").is_file()]
    if missing:
        print(f"gallery: not taken in {folder}: {', '.join(missing)}", file=sys.stderr)
        return 1
    for name, taken in PICTURES.items():
        shutil.copyfile(folder / f"{taken}.png", IMAGES / f"{name}{ending}.png")
    print(f"gallery: {len(PICTURES)} pictures, {language}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
