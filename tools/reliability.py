"""Writes docs/reliability.md and docs/fr/reliability.md from what the tests leave in build/: build/hostile_day_<server>.json of the hostile
day, build/misbehaving.json, and build/fault_classes.json. Without the hostile day's, that part of the pages stays as it is.

python -m tools.reliability
"""

from __future__ import annotations

import datetime
import json
import sys
from pathlib import Path
from typing import Any

from tools import fault_classes

ROOT = Path(__file__).resolve().parent.parent
SOURCES = tuple(ROOT / "build" / f"hostile_day_{flavour}.json" for flavour in ("valkey", "redis"))
MISBEHAVING = ROOT / "build" / "misbehaving.json"  # of tests/integration/test_misbehaving_servers.py
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

A test of a server on which everything fails, one fault after another. Meanwhile cached runs, searches, a live feed and a batch of {jobs}
jobs per fault are under way. Checked all the time: **no wrong shape, no wrong hit, no vehicle where it never was, every job
done with the right result; no call over {limit} s; nothing but failures with a name; after the fault, all four work again by
themselves; other programs’ keys are all there; the password is in no log; no thread, connection or file is left behind.**

These tables are made by `python -m tools.reliability`: {kind} of {day}. {line} {disk}
"""
FRENCH = """# Fiabilité

Une journée d’un serveur où tout va de travers, pendant que se succèdent calculs en cache, recherches, un flux en direct et, pour chaque
panne, un lot de {jobs} tâches. Vérifié tout du long : **aucune forme fausse, aucun résultat faux, aucun véhicule là où il n’a jamais été,
chaque tâche achevée avec le bon résultat ; aucun appel de plus de {limit} s ; rien que des échecs qui ont un nom ; après la panne, les
quatre se remettent à travailler d’eux-mêmes ; les clés d’autres programmes sont toutes là ; le mot de passe n’est dans aucun journal ;
il ne reste ni fil d’exécution, ni connexion, ni fichier ouvert.**

Ces tableaux sont tirés par `python -m tools.reliability` : {kind} du {day}. {line} {disk}
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
DISKS = {
    "file_system": (
        "The server’s folder is a small file system of its own, which is filled.",
        "Le dossier du serveur est un petit système de fichiers à part, que l’on remplit.",
    ),
    "size_limit": (
        "This machine allowed no small file system: the size of the server’s files was limited instead.",
        "Cette machine n’a pas permis de petit système de fichiers : la taille des fichiers du serveur a été limitée à la place.",
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
ODD_SERVERS = (
    """
## Servers that misbehave

A server of the tests’ own that is none: it says nothing, drips bytes, lies about lengths, types and counts, answers the question
before, never ends a list or a cursor, is a web server, sends every command elsewhere. Each of its {behaviours} ways was tried
against each job of the core: {cases} cases. Every call ended within its limit (and the 5 s that a busy machine may be late), every failure
had a name, and nothing else was raised. The docks, the Browser, expressions and *Find positions* are used before each of them too: the
window stays alive and can be left. With limits shortened for the test the longest job took {longest} s, and the process’s memory grew by {growth} MB
(run of {day}).
""",
    """
## Serveurs qui se conduisent mal

Un serveur propre aux tests, qui n’en est pas un : il se tait, distille ses octets, ment sur les longueurs, les types et les
nombres, répond à la question d’avant, ne finit ni liste ni curseur, est un serveur web, renvoie chaque commande ailleurs. Chacune de ses
{behaviours} manières a été essayée avec chaque travail du noyau : {cases} cas. Chaque appel s’est terminé dans son délai (et les 5 s de retard
permises à une machine chargée), chaque échec avait un nom, et rien d’autre n’a été levé. Les panneaux, l’explorateur, les expressions et la
recherche de positions servent aussi devant chacune : la fenêtre reste vivante, et on peut la quitter. Avec des délais raccourcis pour le
test, le travail le plus long a duré {longest} s, et la mémoire du processus a augmenté de {growth} Mo (exécution du {day}).
""",
)
BY_CLASS = (
    """
## Classes of faults

What goes wrong on a server that others use too, by class, and what the tests made of each. A case is an example of rubbish, a job before a
server, or an act in the window; the longest is that of a whole test, with its servers.

| class | tried | tests | cases | longest | result |
|---|---|---|---|---|---|
""",
    """
## Classes de pannes

Ce qui va mal sur un serveur que d’autres utilisent aussi, par classe, et ce qu’en disent les tests. Un cas est un exemple de données
absurdes, un travail devant un serveur, ou un geste dans la fenêtre ; la plus longue durée est celle d’un test entier, avec ses serveurs.

| classe | essayé | tests | cas | le plus long | résultat |
|---|---|---|---|---|---|
""",
)
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
            phase["fault"],
            {"fault": phase["fault"], "jobs": 0, "lasted_s": 0.0, "recovered_s": 0.0, "note": {}},
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


def day_of(*files: Path) -> str:
    """The day of the run that wrote the first of these files."""
    return datetime.date.fromtimestamp(min(file.stat().st_mtime for file in files)).isoformat()


def page(days: list[dict[str, Any]], language: int) -> str:
    """The whole page, in English (0) or French (1)."""
    first = days[0]
    parts = [
        (ENGLISH, FRENCH)[language].format(
            jobs=first["phases"][0]["jobs"],
            limit=LONGEST,
            kind=KINDS[all(one["full"] for one in days)][language],
            day=day_of(*SOURCES),
            line=LINES[first["line"]][language].format(why=first["why"]),
            disk=DISKS[first["disk"]][language],
        )
    ]
    for one in days:
        parts.append(SERVER[language].format(server=one["server"], growth=max(0, one["growth_mb"])))
        rule = "|" + "---|" * (COLUMNS[language].count("|") - 1)
        parts.append(
            "\n".join(["", COLUMNS[language], rule, *rows(by_fault(one["phases"]), language)]) + "\n"
        )
    if MISBEHAVING.is_file():
        figures = json.loads(MISBEHAVING.read_text(encoding="utf-8"))
        longest = (
            f"{figures['longest_s']:.1f}".replace(".", ",") if language else f"{figures['longest_s']:.1f}"
        )
        parts.append(ODD_SERVERS[language].format(**figures, longest=longest, day=day_of(MISBEHAVING)))
    return "".join(parts)


def with_classes(text: str, found: dict[str, Any], language: int) -> str:
    """The page with the table of the classes at its end, in the place of an earlier one."""
    section = BY_CLASS[language]
    heading = section.splitlines()[1]
    return (
        text.partition(f"\n{heading}\n")[0] + section + "\n".join(fault_classes.rows(found, language)) + "\n"
    )


def main() -> int:
    missing = [source.name for source in SOURCES if not source.is_file()]
    found = json.loads(fault_classes.FOUND.read_text("utf-8")) if fault_classes.FOUND.is_file() else {}
    if missing and not found:
        print(f"reliability: run the tests first ({', '.join(missing)})", file=sys.stderr)
        return 1
    days = [json.loads(source.read_text(encoding="utf-8")) for source in SOURCES if not missing]
    for language, name in enumerate(("reliability.md", "fr/reliability.md")):
        path = ROOT / "docs" / name
        text = page(days, language) if days else path.read_text(encoding="utf-8")
        path.write_text(with_classes(text, found, language) if found else text, encoding="utf-8")
    kept = f"; the day of {', '.join(missing)} stays as it was" if missing else ""
    print(
        f"reliability: {sum(len(day['phases']) for day in days)} faults, {len(found)} tests of classes written{kept}"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
