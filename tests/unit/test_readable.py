"""Names and texts of others: shown so that none can pretend to be another, and used as they are shown."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redis_geo_plugin.core import readable

NAMES = st.binary(max_size=40) | st.text(max_size=20).map(lambda t: t.encode("utf-8", "surrogatepass"))


@given(NAMES)
def test_a_name_as_text_gives_back_the_very_bytes(name):
    assert readable.bytes_of(readable.text(name)) == name


@given(st.lists(NAMES | st.sampled_from([b"", b"a\nb", b"\\x41", b"\xff", "é".encode()])))
def test_many_names_are_each_as_alone(names):
    assert readable.texts(names) == [readable.text(name) for name in names]


@given(st.lists(NAMES, min_size=2, max_size=2, unique=True))
def test_two_names_never_look_alike_as_text(names):
    assert readable.text(names[0]) != readable.text(names[1])


ANY_TEXT = st.text(st.characters(blacklist_categories=()), max_size=30)


@given(ANY_TEXT)
def test_nothing_unseen_is_left_on_the_screen(shown):
    left = readable.printable(shown)
    assert not [
        c
        for c in left
        if (unicodedata.category(c) in ("Cc", "Cs") and c not in "\t\n")
        or unicodedata.bidirectional(c) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    ]
    left.encode("utf-8")


@given(ANY_TEXT)
def test_what_was_made_printable_stays_as_it_is(shown):
    assert readable.printable(readable.printable(shown)) == readable.printable(shown)


CONFUSING = st.text(st.sampled_from(" \u200b\u200d\U000e0041U\\ux0259ace\u202e\t\n\x00"), max_size=12).map(
    str.encode
)


@given(st.lists(NAMES | CONFUSING, min_size=2, max_size=2, unique=True))
def test_different_names_never_look_alike_on_the_screen(names):
    assert readable.name_on_screen(names[0]) != readable.name_on_screen(names[1])


NOTHING = (
    "\u200b\u2060\u00ad\u180e\u034f\u115f\u3164\uffa0\u2800\ufff9\U000e0041\u206a\u200c\u200d\ufe0f\ufeff"
)
BLANKS = "\u00a0\u2003\u202f\u205f\u3000\u1680"


@pytest.mark.parametrize("sign", [*NOTHING, *BLANKS], ids=ascii)
@pytest.mark.parametrize("form", ["{}vehicule:7", "vehicule:{}7", "vehicule:7{}"])
def test_what_shows_nothing_or_like_a_space_is_written_in_names(sign, form):
    shown = readable.name_on_screen(form.format(sign).encode())
    assert sign not in shown and f"{ord(sign):04x}" in shown


def test_a_space_at_an_end_of_a_name_is_written():
    assert readable.name_on_screen(b" a b  ") == "\\x20a b\\x20\\x20"


@pytest.mark.parametrize("name", ["می\u200cروم", "👩\u200d🚀", "❤\ufe0f", "क्\u200dष", "東京", "الرباط"])
def test_names_in_all_languages_are_left_alone(name):
    assert readable.name_on_screen(name.encode()) == name


def test_a_written_code_is_told_from_the_character():
    assert readable.name_on_screen("a\U000e0041".encode()) == "a\\U000e0041"
    assert readable.name_on_screen(b"a\\U000e0041") == "a\\u005cU000e0041"
    assert readable.name_on_screen("a\u202eb".encode()) == "a\\u202eb"
    assert readable.name_on_screen(b"a\\u202eb") == "a\\u005cu202eb"


@given(ANY_TEXT)
def test_ordinary_text_is_left_alone(shown):
    if shown.isascii() and shown.isprintable() and "\\" not in shown:
        assert readable.printable(shown) == shown


@pytest.mark.parametrize("shown", ["café", "الرباط", "東京", "a\u200cb", "👩‍🚀", "line\nline", "a\tb"])
def test_words_of_all_languages_are_left_alone(shown):
    assert readable.printable(shown) == shown


@given(NAMES)
def test_a_name_on_the_screen_is_one_line(name):
    shown = readable.name_on_screen(name)
    assert len(shown.splitlines()) <= 1 and "\t" not in shown


@pytest.mark.parametrize(
    "shown",
    [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1",
        " =1",
        "＝1",
        "+1-555-0100",
        "\n@x",
        "-",
        "--1",
    ],
)
def test_a_formula_is_quoted(shown):
    assert readable.spreadsheet_cell(shown).startswith("'")


@pytest.mark.parametrize("shown", ["-12.5", "+3", "1e-7", "-1,5", "0", "", "a=b", "12 rue", "-1E+20"])
def test_numbers_stay_numbers_and_texts_as_they_are(shown):
    assert readable.spreadsheet_cell(shown) == shown


@given(ANY_TEXT)
def test_a_cell_never_breaks_the_table(shown):
    made = readable.spreadsheet_cell(shown)
    assert "\t" not in made and len(made.splitlines()) <= 1
    assert not made.lstrip().startswith(("=", "@"))


@given(ANY_TEXT)
def test_a_file_name_stays_in_its_folder(shown):
    made = readable.file_name(shown)
    assert made and len(made) <= 90 and not set(made) & set('/\\:*?"<>|.\0') and made == made.strip()


@pytest.mark.parametrize("shown", ["con", "NUL", "COM1", "lpt9"])
def test_a_file_name_is_no_device_of_windows(shown):
    assert readable.file_name(shown).startswith("redis_")


def test_a_long_text_is_cut_with_a_word():
    assert readable.cut("x" * 10, 5) == "xxxx…" and readable.cut("xxxxx", 5) == "xxxxx"
