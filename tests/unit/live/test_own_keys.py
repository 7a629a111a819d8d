"""The plugin's own books are no fleet; the positions that it publishes are one."""

from __future__ import annotations

import pytest

from redis_geo_plugin.core.live.own_keys import is_book, is_places, without_books


@pytest.mark.parametrize(
    "key",
    [
        "calculs:buffers:essai:ab",
        "calculations:buffers:essai:ab",
        "taches_spatiales",
        "spatial_tasks",
        "taches_spatiales:resultats:buffer:42:distance=1",
        "mine:resultats:buffer:42:distance=1",
        "{taches_spatiales}:flux",
        "{mine}:flux:haute:reprises",
        "{mine}:lot:7:geometries",
        "{mine}:travailleurs",
        "entites:42",
        "flux:geofences",
        "locations:attributs",
    ],
)
def test_books(key):
    assert is_book(key)
    others = [b"zone:1", b"zone:\xff\n2"]
    assert without_books([*others, key.encode()]) == others
    assert without_books([b"tenant:" + one for one in (*others, key.encode())], 7) == [
        b"tenant:" + one for one in others
    ]


@pytest.mark.parametrize(
    "key",
    [
        "vehicule:7",
        "flux:vehicules",
        "locations",
        "{vehicule}:7",
        "{mine}:positions",
        "entites",
        "calculsx:1",
    ],
)
def test_no_books(key):
    assert not is_book(key)
    assert without_books([key.encode(), b"calculs:buffers:a:b"]) == [key.encode()]
    assert without_books([key.encode()]) == [key.encode()]


def test_the_places_of_the_tutorial():
    assert is_places("locations") and not is_places("locations2")
