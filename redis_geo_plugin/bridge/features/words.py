"""Features in words: why a value was refused, how features are published, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ...core.features.format_list import TITLES
from ...core.readable import name_on_screen, one_line, printable
from ..i18n import tr

if TYPE_CHECKING:
    from ...core.features.finding import FoundSet
    from ...core.features.refusals import FeatureRefusal, Refusals, WhyRefused

FEW = 5  # told in one line
TOLD = 100  # refused values that the log names one by one


def reason_text(reason: WhyRefused) -> str:
    """Return why a value was refused, in words."""
    code = str(getattr(reason, "value", reason))
    return {
        "unreadable": tr("in no known format of features"),
        "too_large": tr("too large"),
        "damaged": tr("compressed, and damaged or cut off"),
        "no_geometry": tr("nothing in it is a geometry"),
        "several_geometries": tr("several geometries: name the one by its field"),
        "no_crs": tr("neither the value nor the parameter names the CRS"),
        "unknown_crs": tr("a CRS that is not known"),
        "out_of_range": tr("degrees beyond the globe: another CRS, or latitude before longitude"),
        "not_finite": tr("a coordinate that is no finite number"),
        "cut_short": tr("half written"),
        "bad_ring": tr("a ring of fewer than three places"),
        "empty_part": tr("an empty polygon among several"),
        "too_deep": tr("nested too deep"),
        "curve": tr("a curve"),
        "bad_geometry": tr("not a sound geometry"),
        "another_type": tr("the key holds another type of value"),
        "duplicate": tr("the same key or id as a feature before"),
        "no_key": tr("no key: its expression gives nothing"),
        "exists": tr("there already"),
        "changed": tr("changed by another client since it was read"),
        "gone": tr("deleted by another client since it was read"),
        "not_written": tr("its format cannot hold this: publish it in another with Publish features"),
        "only_read": tr("this format is only read: publish it in another with Publish features"),
        "entry": tr(
            "an entry of a stream or the telling of a change, which are never changed: its producer has to "
            "send a new one"
        ),
        "derived": tr("only a part of what is stored, or made of it: change the value under the key itself"),
        "shared": tr(
            "an attribute that several features have together: change the value under the key itself"
        ),
        "alike": tr("several features of one key have this id"),
    }.get(code, code)


def kinds_text(kinds: Mapping[str, int]) -> str:
    """Return how many features there are of each kind of geometry, in words."""
    texts = {
        "points": tr("points: {n}"),
        "lines": tr("lines: {n}"),
        "polygons": tr("polygons: {n}"),
        "mixed": tr("of several kinds: {n}"),
        "nothing": tr("without geometry: {n}"),
    }
    return ", ".join(text.format(n=kinds[kind]) for kind, text in texts.items() if kinds.get(kind))


def declared_text(found: FoundSet) -> str:
    """Return which keys the index of a set is over, and where in them it says that the geometry stands; empty
    where no index says so."""
    index, place = found.index, found.place
    if index is None or place is None:
        return ""
    keys = ", ".join(printable(prefix.rstrip("*")) + "*" for prefix in index.prefixes)
    kind = f"{place.type} FLAT" if place.flat else place.type
    field = printable(place.name)
    if place.path not in (place.name, "$." + place.name):
        field = tr("{field} at {path}").format(field=field, path=printable(place.path))
    text = tr("{keys}, field {field} ({type})").format(keys=keys, field=field, type=kind)
    if index.failures:
        text += tr("; {n} could not be indexed").format(n=index.failures)
    return one_line(text)


def refused_lines(reasons: Mapping[WhyRefused, int]) -> list[str]:
    """Return a line for each reason with how many were refused for it, the most first."""
    ordered = sorted(reasons.items(), key=lambda pair: -pair[1])
    return [
        tr("Refused ({reason}): {n}").format(reason=reason_text(reason), n=count) for reason, count in ordered
    ]


def listed_lines(refusals: Refusals) -> Iterable[str]:
    """Return a line for each of the first refused values: its key, the part of it, and the reason."""
    for one in refusals.listed[:TOLD]:
        yield tr("{key}: {reason}").format(key=_where(one), reason=reason_text(one.reason))


def first_lines(refusals: Refusals) -> str:
    """Return the first refused ones in one line, each with its key and the reason."""
    found = list(listed_lines(refusals))
    return "; ".join(found[:FEW]) + ("; …" if refusals.total > FEW else "")


def _where(refusal: FeatureRefusal) -> str:
    key = name_on_screen(refusal.key)
    part = printable(one_line(refusal.part))
    head, _, rest = part.rpartition(":")
    if head and key.endswith(head):  # the id of an entry begins as its key ends
        part = rest
    return key if not part or key.endswith(part) else f"{key} [{part}]"


def format_titles() -> list[str]:
    """Return the choices of FORMAT: told by the bytes, then each format."""
    return [tr("told by the bytes"), *TITLES]
