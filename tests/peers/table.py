"""The results in words: a table, each kind of difference with an example, and all of them in ``build/peers.txt``."""

from __future__ import annotations

import json
from dataclasses import asdict

from tests.peers import source
from tests.peers.deliberate import Deliberate
from tests.peers.processes import Result

WIDTH = 300
FORM = "{:14} {:11} {:>7} {:>7} {:>11} {:>10} {:>16}"
Difference = tuple[Result, str, str, str]  # of which case, the aspect, native's, ours


def tell(results: list[Result], listed: list[Deliberate], whole: bool) -> bool:
    """Print the results; return whether all is equal but for what is listed.

    ``whole``: all cases ran, so that what is listed and did not turn up is not true here: of another version of QGIS,
    or no longer.
    """
    unlisted: list[Difference] = []
    meant: set[Deliberate] = set()
    rows: dict[tuple[str, str], dict[str, int]] = {}
    for result in results:
        row = rows.setdefault(
            (result.algorithm, result.kind), dict.fromkeys(("all", "equal", "meant", "hits"), 0)
        )
        open_ones = []
        for aspect, native, ours in result.found:
            covering = [one for one in listed if one.covers(result.algorithm, result.case, aspect)]
            meant.update(covering)
            if not covering:
                open_ones.append((result, aspect, native, ours))
        unlisted += open_ones
        row["all"] += 1
        row["hits"] += result.hits > 0
        row["equal"] += not result.found
        row["meant"] += bool(result.found) and not open_ones
    _write(results, unlisted)
    _examples(unlisted)
    print(FORM.format("algorithm", "kind", "cases", "equal", "deliberate", "DIFFERENT", "cases with hits"))
    for (name, kind), row in rows.items():
        different = row["all"] - row["equal"] - row["meant"]
        print(FORM.format(name, kind, row["all"], row["equal"], row["meant"], different, row["hits"]))
    gone = [one for one in listed if one not in meant] if whole else []
    for one in gone:
        print(f"listed as a difference, and is none on this QGIS: {one.algorithm}, {one.case}, {one.aspect}")
    cold = [key for key, row in rows.items() if key[1] != "definition" and whole and not row["hits"]]
    for name, kind in cold:
        print(f"{name}, {kind}: no result came from the cache")
    return not (unlisted or cold)


def _write(results: list[Result], unlisted: list[Difference]) -> None:
    build = source.ROOT / "build"
    build.mkdir(exist_ok=True)
    (build / "peers.json").write_text(json.dumps([asdict(one) for one in results], indent=1))
    lines = [
        f"{result.algorithm} / {result.case}\n  {aspect}\n    native: {native}\n    ours:   {ours}\n"
        for result, aspect, native, ours in unlisted
    ]
    (build / "peers.txt").write_text("".join(lines))


def _examples(unlisted: list[Difference]) -> None:
    """Each kind of difference, by aspect and what was varied, with the first example and where else it is."""
    grouped: dict[tuple, list[Difference]] = {}
    for one in unlisted:
        result, aspect, _native, ours = one
        varied = result.case.split(" / ", 1)[-1] if aspect != "broken" else ours
        grouped.setdefault((result.algorithm, aspect, varied), []).append(one)
    for (name, aspect, varied), ones in grouped.items():
        layers = ", ".join(sorted({one[0].case.split(" / ")[0] for one in ones}))
        print(f"{name}: {aspect}: {varied} ({len(ones)}: {layers})")
        print(f"    native: {ones[0][2][:WIDTH]}\n    ours:   {ones[0][3][:WIDTH]}\n")
