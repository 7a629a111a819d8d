"""Rows of one size, each vehicle's always the same: against a dict, through pictures, over a new process."""

from __future__ import annotations

import random

import numpy as np
import pytest

from redis_geo_plugin.core.live.fleet import Fixes
from redis_geo_plugin.core.live.mapped import folder as folders
from redis_geo_plugin.core.live.mapped import picture
from redis_geo_plugin.core.live.mapped.fleet import PictureFleet
from redis_geo_plugin.core.live.mapped.table import Table, TooWide
from redis_geo_plugin.core.live.records import Fix


def fix(ident, turn=0, **attributes):
    number = float(sum(map(ord, ident)) % 90)
    return Fix(
        ident, b"", number, -number / 2, 1000.0 + turn, 2000.0, 3.5 + turn, None, attributes, "heading"
    )


def kinds_of(fixes):
    names = {"int": int, "real": float, "text": str, "bool": bool}
    return {
        n: next(k for k, t in names.items() if type(v) is t) for f in fixes for n, v in f.attributes.items()
    }


def shown(folder, number, table):
    fleet = PictureFleet(folder)
    fleet.show(number, len(table))
    return fleet


def test_what_was_written_is_read_whatever_comes_and_goes(tmp_path):
    drawn, table, known, rows = random.Random(3), Table("a feed"), {}, {}
    for turn in range(1, 40):
        gone = [ident for ident in known if drawn.random() < 0.2]
        for ident in gone:
            del known[ident], rows[ident]
        names = {f"v{drawn.randrange(3000)}" + "é" * drawn.randrange(3) for _ in range(drawn.randrange(200))}
        fixes = [
            fix(name, turn, line=f"line {turn % 4}", seats=drawn.randrange(9), ok=bool(turn % 2))
            for name in names - set(gone)
        ]
        applied = table.apply(Fixes.of(fixes), gone, kinds_of(fixes))
        known.update({one.id: one for one in fixes})
        assert applied.written == len(fixes) and len(applied.gone) == len(gone) and len(table) == len(known)
        for ident in known:
            assert table.row(ident) == rows.setdefault(ident, table.row(ident)), "a vehicle keeps its row"
        assert len(set(rows.values())) == len(rows)
        picture.write(tmp_path, turn, table)
        table.shown()
        fleet = shown(tmp_path, turn, table)
        found = {one.id: one for one in fleet.everything().each()}
        assert found.keys() == known.keys()
        for ident, one in known.items():
            mine = found[ident]
            assert (mine.lon, mine.lat, mine.time, mine.speed, mine.heading) == (
                one.lon,
                one.lat,
                one.time,
                one.speed,
                None,
            )
            assert mine.attributes == one.attributes and mine.derived == "heading"
            assert fleet.slot(ident) == table.row(ident)
        assert fleet.find([*known, "nobody"]).tolist() == [*(rows[i] for i in known), -1]
        assert "nobody" not in fleet and fleet.get("nobody") is None


def test_a_row_stands_for_nobody_else_before_a_picture_has_shown_that_it_is_free():
    table = Table("x")
    table.apply(Fixes.of([fix("a"), fix("b")]), [], {})
    row = table.row("a")
    table.apply(Fixes.of([fix("c")]), ["a"], {})
    assert table.row("c") not in (row, table.row("b"))
    table.shown()
    table.apply(Fixes.of([fix("d")]), [], {})
    assert table.row("d") == row


def test_a_column_widens_with_its_values(tmp_path):
    table = Table("x")
    table.apply(Fixes.of([fix("a", load=3), fix("b", load=4)]), [], {"load": "int"})
    table.apply(Fixes.of([fix("b", load=2.5)]), [], {"load": "real"})
    table.apply(Fixes.of([fix("c", load="much")]), [], {"load": "text"})
    picture.write(tmp_path, 1, table)
    found = shown(tmp_path, 1, table)
    assert [found[i].attributes["load"] for i in "abc"] == ["3", "2.5", "much"]


def test_the_next_process_goes_on_with_the_rows_of_the_last(tmp_path):
    table = Table("x")
    table.apply(Fixes.of([fix(f"v{i}", line="é") for i in range(50)]), [], {"line": "text"})
    table.apply(Fixes.of([]), ["v7"], {})
    picture.write(tmp_path, 4, table)
    other = Table("x")
    picture.adopt(tmp_path, 4, other)
    assert set(other.idents) == set(table.idents) and all(other.row(i) == table.row(i) for i in table.idents)
    other.apply(Fixes.of([fix("new", line="a longer text than any before")]), [], {"line": "text"})
    assert other.row("new") == 7 or other.row("new") == 50
    picture.write(tmp_path, 5, other)
    found = shown(tmp_path, 5, other)
    assert found["v3"].attributes == {"line": "é"} and found["new"].attributes["line"].startswith("a longer")
    born = found.columns().born
    assert len(set(born[born > 0].tolist())) == 50


@pytest.mark.parametrize(
    "fixes", [[fix("x" * 300)], [fix("a\0b")], [fix("a", **{f"n{i}": 1 for i in range(1_100)})]]
)
def test_what_does_not_fit_is_told(fixes):
    with pytest.raises(TooWide):
        Table("x").apply(Fixes.of(fixes), [], kinds_of(fixes))


def test_a_disk_without_room_is_told_and_nothing_of_the_picture_stays(tmp_path, monkeypatch):
    table = Table("x")
    table.apply(Fixes.of([fix("a")]), [], {})
    picture.write(tmp_path, 1, table)
    before = sorted(tmp_path.iterdir())
    monkeypatch.setattr(picture, "_write_records", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(OSError, match="full"):
        picture.write(tmp_path, 2, table)
    assert sorted(tmp_path.iterdir()) == before and "1.shp" in (tmp_path / picture.LAYER).read_text()


def test_folders_that_nobody_holds_are_swept_and_others_stay(tmp_path):
    mine = folders.Folder(tmp_path)
    left = tmp_path / "redis-geo-fleet-left"
    left.mkdir()
    folders.hold(left).close()
    (tmp_path / "redis-geo-fleet-new").mkdir()  # of somebody who is just about to hold it
    (tmp_path / "another").mkdir()
    folders.sweep(tmp_path)
    assert {entry.name for entry in tmp_path.iterdir()} == {mine.path.name, "redis-geo-fleet-new", "another"}
    mine.remove()
    mine.remove()
    assert not mine.path.exists()


def test_the_steady_time_begins_anew_after_a_silence():
    table = Table("x", gap=60.0)
    for turn, steady in ((0, 1000.0), (30, 1000.0), (200, 1200.0), (210, 1200.0)):
        table.apply(Fixes.of([fix("a", turn)]), [], {})
        assert table.numbers[-1, table.row("a")] == steady
    assert np.isnan(table.numbers[-1, 1])
