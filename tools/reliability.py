"""Writes docs/reliability.md and docs/fr/reliability.md from build/hostile_day.json, which the hostile day leaves behind.

python -m tools.reliability
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "build" / "hostile_day.json"

FAULTS = {
    "killed": ("server killed (-9), started again with its data", "serveur tué (-9), redémarré avec ses données"),
    "restarted": ("server restarted three times", "serveur redémarré trois fois"),
    "stopped": ("server hangs (SIGSTOP), then goes on", "serveur figé (SIGSTOP), puis reparti"),
    "cut_off": ("network cut: nothing arrives, nothing is refused", "réseau coupé : rien n’arrive, rien n’est refusé"),
    "slow_link": ("slow link: 60 ms each way, 2 % lost", "lien lent : 60 ms par sens, 2 % de pertes"),
    "full_memory": ("memory full, nothing evicted", "mémoire pleine, rien n’est évincé"),
    "evicting": ("memory full, keys evicted (volatile-ttl)", "mémoire pleine, clés évincées (volatile-ttl)"),
    "full_disk": ("disk full", "disque plein"),
    "clock_jump": ("this computer’s clock a day ahead, and back", "horloge du poste en avance d’un jour, puis retour"),
    "two_hundred_clients": ("200 other clients writing", "200 autres clients qui écrivent"),
    "foreign_writers": (
        "others write rubbish over the plugin’s keys",
        "d’autres écrivent n’importe quoi sur les clés de l’extension",
    ),
}  # fmt: skip

ENGLISH = """# Reliability

One day in the life of a server on which everything goes wrong, while a cached run after the other, searches, a live feed and a
batch of {jobs} jobs per fault are under way. Checked all the time: **no wrong shape, no wrong hit, no vehicle where it never was, every job
done with the right result; no call over {limit} s; nothing but failures with a name; after the fault, all four work again by
themselves; other programs’ keys are all there; the password is in no log.**

This table is made from the run by `python -m tools.reliability` ({kind}).

| fault | lasted | cached runs (of them with a failure told) | longest run | searches answered | longest search | jobs done | all well again after |
|---|---|---|---|---|---|---|---|
"""

FRENCH = """# Fiabilité

Une journée d’un serveur où tout va de travers, pendant que se succèdent calculs en cache, recherches, un flux en direct et, pour chaque
panne, un lot de {jobs} tâches. Vérifié tout du long : **aucune forme fausse, aucun résultat faux, aucun véhicule là où il n’a jamais été,
chaque tâche achevée avec le bon résultat ; aucun appel de plus de {limit} s ; rien que des échecs qui ont un nom ; après la panne, les
quatre se remettent à travailler d’eux-mêmes ; les clés d’autres programmes sont toutes là ; le mot de passe n’est dans aucun journal.**

Ce tableau est tiré de l’exécution par `python -m tools.reliability` ({kind}).

| panne | durée | calculs en cache (dont avec un échec annoncé) | calcul le plus long | recherches abouties | recherche la plus longue | tâches faites | tout va bien après |
|---|---|---|---|---|---|---|---|
"""


def rows(phases: list[dict[str, Any]], language: int) -> list[str]:
    """One line per phase; French numbers have a comma."""
    lines = []
    for phase in phases:
        cache, search = phase["cache"], phase["search"]
        told = sum(cache["failed"].values())
        cells = [
            FAULTS[phase["fault"]][language],
            f"{phase['lasted_s']} s",
            f"{cache['good']} ({told})",
            f"{cache['longest_s']} s",
            str(search["good"]),
            f"{search['longest_s']} s",
            f"{phase['jobs']} / {phase['jobs']}",
            f"{phase['recovered_s']} s",
        ]
        text = "| " + " | ".join(cells) + " |"
        lines.append(text.replace(".", ",") if language else text)
    return lines


def by_fault(phases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One entry per fault: counts added up, of the times the longest."""
    merged: dict[str, dict[str, Any]] = {}
    for phase in phases:
        total = merged.setdefault(
            phase["fault"], {"fault": phase["fault"], "jobs": 0, "lasted_s": 0.0, "recovered_s": 0.0}
        )
        total["jobs"] += phase["jobs"]
        for name in ("lasted_s", "recovered_s"):
            total[name] = max(total[name], phase[name])
        for job in ("cache", "search", "feed"):
            into = total.setdefault(job, {"good": 0, "longest_s": 0.0, "failed": {}})
            into["good"] += phase[job]["good"]
            into["longest_s"] = max(into["longest_s"], phase[job]["longest_s"])
            for kind, count in phase[job]["failed"].items():
                into["failed"][kind] = into["failed"].get(kind, 0) + count
    return list(merged.values())


def main() -> int:
    if not SOURCE.is_file():
        print("reliability: run tests/integration/test_hostile_day.py first", file=sys.stderr)
        return 1
    day = json.loads(SOURCE.read_text(encoding="utf-8"))
    phases = day["phases"]
    kinds = ("the full run", "exécution complète") if day["full"] else ("the short run", "exécution courte")
    for language, (page, head) in enumerate((("reliability.md", ENGLISH), ("fr/reliability.md", FRENCH))):
        text = head.format(jobs=phases[0]["jobs"], limit=40, kind=kinds[language])
        (ROOT / "docs" / page).write_text(text + "\n".join(rows(by_fault(phases), language)) + "\n", encoding="utf-8")
    print(f"reliability: {len(phases)} faults written")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
