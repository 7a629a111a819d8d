"""Texts as people compare them when they search: without case and without accents."""

from __future__ import annotations

import unicodedata

# Letters that Unicode does not take apart, as people type them without their stroke or ligature.
_BARE = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t"}
)


def folded(text: str) -> str:
    """ "Café" and "CAFE" as "cafe", "Straße" as "strasse", "Łódź" as "lodz"; other scripts without case."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(character for character in apart if not unicodedata.combining(character))
    return unicodedata.normalize("NFC", bare).casefold().translate(_BARE)
