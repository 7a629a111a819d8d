"""A live set: what differs is handed on and nothing else; what is gone, what waits, and when all is given anew."""

from __future__ import annotations

import shapely

from redis_geo_plugin.core.features.reader import SetFeature
from redis_geo_plugin.core.features.reading import FeatureSet
from redis_geo_plugin.core.features.refusals import WhyRefused
from redis_geo_plugin.core.features.set_intake import SetIntake


class Layers:
    """Layers that show all, as long as they ``fit``."""

    fit, shows = True, True

    def fits(self, _found):
        return self.fit

    def rows(self, features):
        return [[("points", one.attributes)] if self.shows else [] for one in features]


def feature(key, ident="", x=0.0, **attributes):
    wkb = shapely.to_wkb(shapely.Point(x, 0), byte_order=1, output_dimension=2)
    return SetFeature(key, ident, wkb, "EPSG:4326", attributes, False)


def found(*features):
    return FeatureSet(list(features))


def intake(*features):
    made = SetIntake(Layers())
    made.replace(found(*features))
    return made


def idents(changes):
    return [ident for ident, _ in changes.changed]


def test_the_first_reading_gives_all_and_the_same_again_nothing():
    one = intake(feature(b"a"), feature(b"b", "1"), feature(b"b", "2"))
    changes = one.take(100)
    assert changes.reset and not changes.gone and one.count == 3
    assert idents(changes) == [(b"a", "", 0), (b"b", "1", 0), (b"b", "2", 0)]
    one.replace(found(feature(b"a"), feature(b"b", "1"), feature(b"b", "2")))
    assert not one.has_news and one.take(100)[:3] == (False, [], [])


def test_a_shape_an_attribute_and_a_feature_that_is_gone_are_each_seen_alone():
    one = intake(feature(b"a", n=1), feature(b"b", "1"), feature(b"b", "2"))
    one.take(100)
    one.replace(found(feature(b"a", n=2), feature(b"b", "1", x=1.0)))
    changes = one.take(100)
    assert not changes.reset and changes.gone == [(b"b", "2", 0)] and one.count == 2
    assert idents(changes) == [(b"a", "", 0), (b"b", "1", 0)]


def test_those_of_one_id_are_told_apart_by_their_turn():
    one = intake(feature(b"a", "x", x=0.0), feature(b"a", "x", x=1.0))
    assert idents(one.take(100)) == [(b"a", "x", 0), (b"a", "x", 1)]
    one.replace(found(feature(b"a", "x", x=0.0)))
    assert one.take(100).gone == [(b"a", "x", 1)]


def test_of_some_keys_only_those_are_judged():
    one = intake(feature(b"a"), feature(b"b"))
    one.take(100)
    assert one.change(found(feature(b"a", x=2.0)), [b"a"])
    assert idents(one.take(100)) == [(b"a", "", 0)] and one.count == 2
    assert one.change(found(), [b"b"])
    assert one.take(100).gone == [(b"b", "", 0)] and not one.knows(b"b") and one.knows(b"a")


def test_what_is_judged_together_is_read_whole():
    one = intake(feature(b"a"))
    together = found(feature(b"a", x=2.0))
    together.judged_together = True
    assert not one.change(together, [b"a"])


def test_layers_that_do_not_fit_any_more_are_filled_anew():
    one = intake(feature(b"a"))
    one.take(100)
    one._prepare.fit = False
    assert not one.change(found(feature(b"a", x=1.0)), [b"a"])
    one.replace(found(feature(b"a")))
    changes = one.take(100)
    assert changes.reset and idents(changes) == [(b"a", "", 0)]


def test_forgotten_keys_and_a_new_start_count_as_changed():
    one = intake(feature(b"a"), feature(b"b"))
    one.take(100)
    one.forget([b"a", b"unknown"])
    one.replace(found(feature(b"a"), feature(b"b")))
    assert idents(one.take(100)) == [(b"a", "", 0)]
    one.start_over()
    one.replace(found(feature(b"a"), feature(b"b")))
    changes = one.take(100)
    assert changes.reset and len(changes.changed) == 2 and one.count == 2


def test_the_window_takes_so_many_at_a_time_and_what_left_meanwhile_is_gone():
    one = intake(*(feature(b"%d" % n) for n in range(10)))
    assert len(one.take(4).changed) == 4 and one.waiting == 6
    one.replace(found(*(feature(b"%d" % n) for n in range(9))))
    changes = one.take(100)
    assert changes.gone == [(b"9", "", 0)] and len(changes.changed) == 5
    assert one.rate() > 0


def test_refusals_belong_to_their_keys():
    bad = found(feature(b"a"))
    bad.refusals.add(b"b", WhyRefused.UNREADABLE)
    bad.refusals.add(b"c", WhyRefused.UNREADABLE)
    one = SetIntake(Layers())
    one.replace(bad)
    assert one.refused.reasons()[WhyRefused.UNREADABLE] == 2
    assert one.change(found(feature(b"b")), [b"b"])
    assert one.refused.reasons()[WhyRefused.UNREADABLE] == 1
    one._prepare.shows = False  # it cannot be put into the CRS of the others
    assert one.change(found(feature(b"b", x=5.0)), [b"b"])
    assert one.refused.reasons()[WhyRefused.OUT_OF_RANGE] == 1
