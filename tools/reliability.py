"""Writes docs/reliability.md and docs/fr/reliability.md from build/hostile_day_<server>.json, which the hostile day leaves behind.

python -m tools.reliability
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SOURCES = tuple(ROOT / "build" / f"hostile_day_{flavour}.json" for flavour in ("valkey", "redis"))
LONGEST = 40  # seconds: what the day asserts of any call

FAULTS = {
    "killed": ("server killed (-9), started again with its data", "serveur tué (-9), redémarré avec ses données"),
    "restarted": ("server restarted three times", "serveur redémarré trois fois"),
    "stopped": ("server hangs (SIGSTOP), then goes on", "serveur figé (SIGSTOP), puis reparti"),
    "cut_off": ("network cut: nothing arrives, nothing is refused", "réseau coupé : rien n’arrive, rien n’est refusé"),
    "slow_link": ("slow link: 60 ms each way, 2 % lost, 1 MB/s", "lien lent : 60 ms par sens, 2 % de pertes, 1 Mo/s"),
    "full_memory": ("memory full, nothing evicted", "mémoire pleine, rien n’est évincé"),
    "evicting": ("memory full, keys evicted (volatile-ttl)", "mémoire pleine, clés évincées (volatile-ttl)"),
    "evicting_all": (
        "memory full, any key evicted (allkeys-lru): GEO sets and jobs go too, as the Server panel warns; reloaded and sent again",
        "mémoire pleine, toute clé peut être évincée (allkeys-lru), ensembles GEO et tâches compris, comme le panneau Serveur en "
        "avertit ; rechargés et renvoyés",
    ),
    "full_disk": ("disk full", "disque plein"),
    "clock_jump": ("this computer’s clock a day ahead, and back", "horloge du poste en avance d’un jour, puis retour"),
    "server_clock_jump": (
        "the server’s clock a day ahead, and back: every TTL runs out",
        "horloge du serveur en avance d’un jour, puis retour : toutes les durées de vie expirent",
    ),
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
themselves; other programs’ keys are all there; the password is in no log; no thread, connection or file is left behind.**

These tables are made from the run by `python -m tools.reliability` ({kind}). {line}
"""
FRENCH = """# Fiabilité

Une journée d’un serveur où tout va de travers, pendant que se succèdent calculs en cache, recherches, un flux en direct et, pour chaque
panne, un lot de {jobs} tâches. Vérifié tout du long : **aucune forme fausse, aucun résultat faux, aucun véhicule là où il n’a jamais été,
chaque tâche achevée avec le bon résultat ; aucun appel de plus de {limit} s ; rien que des échecs qui ont un nom ; après la panne, les
quatre se remettent à travailler d’eux-mêmes ; les clés d’autres programmes sont toutes là ; le mot de passe n’est dans aucun journal ;
il ne reste ni fil d’exécution, ni connexion, ni fichier ouvert.**

Ces tableaux sont tirés de l’exécution par `python -m tools.reliability` ({kind}). {line}
"""
KINDS = {True: ("the full run", "exécution complète"), False: ("the short run", "exécution courte")}
LINES = {
    "packets": (
        "Server and clients are in network namespaces of their own; the slow link delays and drops single IP packets, so that "
        "the kernel’s TCP sends them again, and the cut takes the network device down.",
        "Serveur et clients sont dans des espaces de noms réseau distincts ; le lien lent retarde et perd des paquets IP un à un, que TCP "
        "renvoie, et la coupure arrête l’interface réseau.",
    ),
    "relay": (
        "This machine allowed no network namespace ({why}): the link was cut and slowed by a relay of TCP data.",
        "Cette machine n’a pas permis d’espace de noms réseau ({why}) : le lien a été coupé et ralenti par un relais de données TCP.",
    ),
}
SERVER = (
    "\n## {server}\n\nThe client’s memory grew by {growth} MB over the day.\n",
    "\n## {server}\n\nLa mémoire du client a augmenté de {growth} Mo en une journée.\n",
)
COLUMNS = (
    "| fault | lasted | cached runs (of them with a failure told) | longest run | searches answered | longest search | jobs done | all well again after |",
    "| panne | durée | calculs en cache (dont avec un échec annoncé) | calcul le plus long | recherches abouties | recherche la plus longue | tâches faites | tout va bien après |",
)  # fmt: skip
LOST = (" ({lost} of {all} packets)", " ({lost} paquets sur {all})")


def rows(phases: list[dict[str, Any]], language: int) -> list[str]:
    """One line per fault; French numbers have a comma."""
    lines = []
    for phase in phases:
        cache, search = phase["cache"], phase["search"]
        name = FAULTS[phase["fault"]][language]
        if phase["note"].get("lost"):
            note = phase["note"]
            name += LOST[language].format(lost=note["lost"], all=note["lost"] + note["passed"])
        cells = [
            f"{phase['lasted_s']:.1f} s",
            f"{cache['good']} ({sum(cache['failed'].values())})",
            f"{cache['longest_s']:.2f} s",
            str(search["good"]),
            f"{search['longest_s']:.2f} s",
            f"{phase['jobs']} / {phase['jobs']}",
            f"{phase['recovered_s']:.1f} s",
        ]
        if language:
            cells = [cell.replace(".", ",") for cell in cells]
        lines.append("| " + " | ".join([name, *cells]) + " |")
    return lines


def by_fault(phases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One entry per fault: counts added up, of the times the longest."""
    merged: dict[str, dict[str, Any]] = {}
    for phase in phases:
        total = merged.setdefault(
            phase["fault"], {"fault": phase["fault"], "jobs": 0, "lasted_s": 0.0, "recovered_s": 0.0, "note": {}}
        )
        total["jobs"] += phase["jobs"]
        for name, count in phase["note"].items():
            total["note"][name] = total["note"].get(name, 0) + count
        for name in ("lasted_s", "recovered_s"):
            total[name] = max(total[name], phase[name])
        for job in ("cache", "search", "feed"):
            into = total.setdefault(job, {"good": 0, "longest_s": 0.0, "failed": {}})
            into["good"] += phase[job]["good"]
            into["longest_s"] = max(into["longest_s"], phase[job]["longest_s"])
            for kind, count in phase[job]["failed"].items():
                into["failed"][kind] = into["failed"].get(kind, 0) + count
    return list(merged.values())


def page(days: list[dict[str, Any]], language: int) -> str:
    """The whole page, in English (0) or French (1)."""
    first = days[0]
    parts = [
        (ENGLISH, FRENCH)[language].format(
            jobs=first["phases"][0]["jobs"],
            limit=LONGEST,
            kind=KINDS[all(day["full"] for day in days)][language],
            line=LINES[first["line"]][language].format(why=first["why"]),
        )
    ]
    for day in days:
        parts.append(SERVER[language].format(server=day["server"], growth=max(0, day["growth_mb"])))
        rule = "|" + "---|" * (COLUMNS[language].count("|") - 1)
        parts.append("\n".join(["", COLUMNS[language], rule, *rows(by_fault(day["phases"]), language)]) + "\n")
    return "".join(parts)


def main() -> int:
    missing = [source.name for source in SOURCES if not source.is_file()]
    if missing:
        print(f"reliability: run tests/integration/test_hostile_day.py first ({', '.join(missing)})", file=sys.stderr)
        return 1
    days = [json.loads(source.read_text(encoding="utf-8")) for source in SOURCES]
    for language, name in enumerate(("reliability.md", "fr/reliability.md")):
        (ROOT / "docs" / name).write_text(page(days, language), encoding="utf-8")
    print(f"reliability: {sum(len(day['phases']) for day in days)} faults written")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
