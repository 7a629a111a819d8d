"""The pages of docs/, as the plugin carries them: where each stands, its sections, and what is said where."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Callable, NamedTuple, Optional

from .i18n import PACKAGE, locale

DOCS = PACKAGE / "docs"
WEB = "https://github.com/redis-geo/redis-geo-plugin/blob/main/docs/"
FIRST = "index"
# The page on the algorithms of a group (``processing.base.group_title``). A new group is one line.
PAGES = {"cache": "cache", "jobs": "jobs", "geosets": "search", "live": "live", "features": "features"}

_HEADING = re.compile(r"(#{1,3}) +(.+?) *$")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_PAGE_LINK = re.compile(r"\]\((\w+)\.md\)")
_MARKS = re.compile(r"[*`|]+|<!--.*?-->")

_here: Optional[Callable[[str, str], str]] = None


class Section(NamedTuple):
    """A heading of a page with the lines below it, as plain text. ``level`` is 1 for the page's title."""

    page: str
    level: int
    title: str
    lines: tuple[str, ...]


class HelpHit(NamedTuple):
    """A section in which the searched words stand, and the line with the first of them; '' for the title."""

    section: Section
    line: str


def address(page: str, section: str = "") -> str:
    """Where a browser or the window shows a section (a heading, or a word that stands in it) of a page."""
    return (_here or web_address)(page, section)


def show_here(maker: Optional[Callable[[str, str], str]]) -> None:
    """Let the window say where a section is shown, from now on; None: on the web again."""
    global _here  # noqa: PLW0603 - one window for all of QGIS
    _here = maker


def web_address(page: str, _section: str = "") -> str:
    """The page on the web, in the user's language."""
    return f"{WEB}{'fr/' if locale() == 'fr' else ''}{page}.md"


def page_path(page: str) -> Optional[Path]:
    """The file of a help page (such as ``connections``) in the user's language, else in English, else
    None."""
    for path in (DOCS / locale() / f"{page}.md", DOCS / f"{page}.md"):
        if path.is_file():
            return path
    return None


def slug(title: str) -> str:
    """A heading as links name it: in lower case, with hyphens, without other signs."""
    return re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")


def contents() -> list[Section]:
    """The sections of all pages, in the order of the first page's links. Reads files: for a background
    thread."""
    first = page_path(FIRST)
    if first is None:
        return []
    pages = dict.fromkeys([FIRST, *_PAGE_LINK.findall(first.read_text(encoding="utf-8"))])
    return [section for page in pages for section in sections(page)]


def sections(page: str) -> list[Section]:
    """The sections of a page. Reads its file."""
    path = page_path(page)
    text = path.read_text(encoding="utf-8") if path is not None else ""
    found: list[tuple[int, str, list[str]]] = []
    in_code = False
    for line in text.splitlines():
        in_code ^= line.startswith("```")
        heading = None if in_code else _HEADING.match(line)
        if heading:
            found.append((len(heading[1]), _plain(heading[2]), []))
        elif found and _plain(line):
            found[-1][2].append(_plain(line))
    return [Section(page, level, title, tuple(lines)) for level, title, lines in found]


def find(where: Iterable[Section], words: str) -> list[HelpHit]:
    """The sections in which all words stand, whatever their case and accents; those with a title that has
    them first."""
    wanted = folded(words).split()
    titles, texts = [], []
    for section in where:
        title, lines = folded(section.title), [folded(line) for line in section.lines]
        if not wanted or not all(word in title or any(word in line for line in lines) for word in wanted):
            continue
        if all(word in title for word in wanted):
            titles.append(HelpHit(section, ""))
            continue
        best = max(range(len(lines)), key=lambda at: sum(word in lines[at] for word in wanted))
        texts.append(HelpHit(section, section.lines[best]))
    return titles + texts


def folded(text: str) -> str:
    """A text without case and accents, for comparing."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def _plain(line: str) -> str:
    """A line of Markdown without its marks."""
    return " ".join(_MARKS.sub(" ", _LINK.sub(r"\1", line)).split())
