"""Names of keys grouped into families: ids of any form, any separator, bounded memory."""

from __future__ import annotations

import random
import uuid

import pytest

from redis_geo_plugin.core.live import families as module
from redis_geo_plugin.core.live.families import KeyNames, families

chance = random.Random(11)


def letters(alphabet, count):
    return "".join(chance.choice(alphabet) for _ in range(count))


IDS = {
    "UUID": lambda: str(uuid.UUID(int=chance.getrandbits(128))),
    "ObjectId": lambda: letters("0123456789abcdef", 24),
    "ULID": lambda: "01J" + letters("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 23),
    "hex": lambda: letters("0123456789abcdef", 7) + chance.choice("0123456789"),
    "number": lambda: str(chance.randrange(10**6)),
    "IMEI": lambda: str(chance.randrange(10**14, 10**15)),
    "plate": lambda: f"{letters('ABCDEF', 2)}-{chance.randrange(100, 999)}-{letters('ABCDEF', 2)}",
    "plate without strokes": lambda: (
        f"{letters('ABCDEF', 2)}{chance.randrange(100, 999)}{letters('ABCDEF', 2)}"
    ),
    "MAC": lambda: ":".join(letters("0123456789abcdef", 2) for _ in range(6)),
    "phone number": lambda: "+336" + letters("0123456789", 8),
    "H3 cell": lambda: "89" + letters("0123456789abcdef", 8) + "fffff",
    "geohash": lambda: "u0" + letters("0123456789bcdefghjkmnpqrstuvwxyz", 7),
}
NAMES = {
    "location-{}": "location-*",
    "driver_{}": "driver_*",
    "driver:{}": "driver:*",
    "app/{}/position": "app/*/position",
    "geo:drivers:{}": "geo:drivers:*",
    "app:driver_{}": ("app:driver_*", "app:*"),
    "fleet|{}": "fleet|*",
    "{}:position": "*:position",
    "route.{}.bus.{}": "route.*.bus.*",
}


@pytest.mark.parametrize("kind", IDS)
@pytest.mark.parametrize("template", NAMES)
def test_one_family_whatever_the_ids_and_separators(template, kind):
    keys = [template.format(IDS[kind](), IDS[kind]()).encode() for _ in range(40)]
    found = families([(key, "string") for key in keys])
    assert len(found) == 1, [family.pattern for family in found]
    assert found[0].pattern in NAMES[template]
    assert sorted(found[0].keys) == sorted(keys)


@pytest.mark.parametrize("template", ["user:{}", "{}:position", "app/{}/pos"])
def test_names_of_people_are_ids_too(template):
    keys = [template.format(letters("abcdefghijklmnop", 7)).encode() for _ in range(40)]
    assert len(families([(key, "hash") for key in keys])) == 1


def test_types_and_kinds_stay_apart():
    keys = [(b"v:%d" % n, "string") for n in range(5)] + [(b"v:%d" % n, "hash") for n in range(9)]
    keys += [(b"v:%d:log" % n, "list") for n in range(3)]
    assert [(f.type, f.pattern, len(f.keys)) for f in families(keys)] == [
        ("hash", "v:*", 9),
        ("string", "v:*", 5),
        ("list", "v:*:log", 3),
    ]


def test_a_lone_key_keeps_its_name():
    assert [f.pattern for f in families([(b"t:fleet:all", "string")], "t:")] == ["fleet:all"]


def names_of(*keys):
    names = KeyNames()
    names.add(keys)
    return names


def test_a_rare_name_is_kept_beside_a_hundred_thousand():
    names = names_of(*(b"session:%b" % IDS["UUID"]().encode() for _ in range(20_000)), b"app:fleet", b"cars")
    shapes = names.shapes()
    assert shapes[0].count == 20_000 and len(shapes[0].names) == module.KEPT_NAMES
    assert {shape.names[0] for shape in shapes[1:]} == {b"app:fleet", b"cars"}


def test_memory_is_bounded_and_counts_are_kept():
    people = [b"user:%b:cart" % letters("abcdefghijklmnop", 8).encode() for _ in range(15_000)]
    words = [letters("abcdefghijklmnop", 8).encode() for _ in range(15_000)]
    names = names_of(*people, b"app:fleet", *words)
    shapes = names.shapes()
    assert len(shapes) <= module.MOST_SHAPES
    assert shapes[0].count == 15_000 and shapes[0].names[0].startswith(b"user:")
    assert sum(shape.count for shape in shapes) + names.unplaced == names.total == 30_001
    assert any(shape.names == [b"app:fleet"] for shape in shapes)


def test_names_that_are_no_utf8_are_no_trouble():
    assert families([(b"\xff:\xfe", "string"), (b"", "string"), (b":::", "string"), (b"*", "string")])
    assert names_of(b"\xff\x00", b"", b"a" * 10_000).total == 3
