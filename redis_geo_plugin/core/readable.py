"""Names and texts of other programs for display: bytes as text and back, and text that cannot pass for
another.

Keys, members and ids are bytes of whoever wrote them. ``text`` shows them and ``bytes_of`` gives the very
bytes back, so a name that is no UTF-8 can be used as it is listed. ``printable`` is for the screen only:
characters that would turn the direction of what follows, end a line or show nothing are written as codes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# C0 and C1 controls but tab and line feed, marks and overrides of direction, separators of lines, lone
# surrogates.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)
# In names also what shows nothing or like a space, and at their ends a space. What joins letters or changes
# their form belongs to the words of many languages, and shows nothing only beside ASCII.
_ALIKE = re.compile(
    "[\u00a0\u00ad\u034f\u115f\u1160\u1680\u17b4\u17b5\u180e\u2000-\u200b\u202f\u205f-\u2064\u206a-\u206f\u2800\u3000\u3164"
    "\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
    "|(?<![^\x00-\x7f])[\u200c\u200d\ufe00-\ufe0f]|[\u200c\u200d](?![^\x00-\x7f])"
)
_LOOKS_CODED = re.compile(r"\\(?=u[0-9a-f]{4}|U[0-9a-f]{8})")  # a text that reads like a code of ours
_SPACE_AT_AN_END = re.compile(r"^ +| +$")
_FORBIDDEN_IN_FILES = re.compile(r"[^\w-]+")
_NAMES_OF_DEVICES = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)$")  # which Windows takes for no file
_NUMBER = re.compile(r"\s*[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?\s*")
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def text(name: bytes) -> str:
    """A name for people and for fields: UTF-8, other bytes as ``\\xNN``, and a backslash before x doubled.

    ``bytes_of`` gives back the very bytes.
    """
    try:
        decoded = name.decode("utf-8")
    except UnicodeDecodeError:
        decoded = None
    if decoded is not None and "\\x" not in decoded and "\x00" not in decoded:
        return decoded
    return name.replace(b"\\x", b"\\x5cx").replace(b"\x00", b"\\x00").decode("utf-8", "backslashreplace")


def texts(names: Sequence[bytes]) -> list[str]:
    """Return ``text`` of each; quickly where all are plain, as the members of most sets are."""
    together = b"\n".join(names)
    if names and b"\\x" not in together and b"\x00" not in together:
        try:
            found = together.decode("utf-8").split("\n")
        except UnicodeDecodeError:
            found = []
        if len(found) == len(names):  # else one has a line break
            return found
    return [text(name) for name in names]


def bytes_of(shown: str) -> bytes:
    """The bytes of a name from the text that ``text`` made of it.

    A text that ``text`` would never make (``C:\\x64``, typed by someone who means it) stands for itself.
    """
    plain = shown.encode("utf-8", "surrogatepass")
    if "\\x" not in shown:
        return plain
    result = bytearray()
    position = 0
    while position < len(shown):
        code = shown[position + 2 : position + 4]
        if shown[position : position + 2] == "\\x" and len(code) == 2 and _is_hex(code):
            result.append(int(code, 16))
            position += 4
        else:
            result += shown[position].encode("utf-8", "surrogatepass")
            position += 1
    return bytes(result) if text(bytes(result)) == shown else plain


def _is_hex(code: str) -> bool:
    return all(c in "0123456789abcdef" for c in code)


def printable(shown: str) -> str:
    """A text with what is not seen, or turns the direction, as ``\\uNNNN``. Once more changes nothing."""
    return _UNSEEN.sub(_code, shown)


def _code(found: re.Match[str]) -> str:
    number = ord(found[0])
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def name_on_screen(name: bytes) -> str:
    """A key, member or id as the window shows it: on one line, nothing unseen, no two names alike."""
    shown = _ALIKE.sub(_code, _LOOKS_CODED.sub(r"\\u005c", text(name)))
    shown = _SPACE_AT_AN_END.sub(lambda found: "\\x20" * len(found[0]), shown)
    return printable(shown.replace("\t", "\\x09").replace("\n", "\\x0a"))


def one_line(shown: str) -> str:
    """A text with a space for whatever ends a line or a cell."""
    return " ".join(shown.replace("\t", " ").splitlines())


def cut(shown: str, most: int) -> str:
    """At most ``most`` characters of a text, with an ellipsis where there are more."""
    return shown if len(shown) <= most else shown[: max(0, most - 1)] + "…"


def spreadsheet_cell(shown: str) -> str:
    """A text for a cell that is pasted: one that a spreadsheet would take for a formula is quoted, a number
    is not."""
    shown = one_line(shown)
    if shown.lstrip().startswith(_FORMULA) and not _NUMBER.fullmatch(shown):
        return "'" + shown
    return shown


def file_name(shown: str) -> str:
    """A name for a file, without an ending, made of a text of others: letters, digits, ``-`` and ``_``; never
    empty."""
    made = _FORBIDDEN_IN_FILES.sub("_", shown).strip("_-")[:80]
    if not made or _NAMES_OF_DEVICES.match(made):
        made = f"redis_{made}".rstrip("_")
    return made
