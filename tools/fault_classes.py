"""The classes of faults that a shared server brings, and the tests that try each: what docs/reliability.md tells of them.

A run of pytest keeps what it tried in ``build/fault_classes.json`` (tests/conftest.py); ``python -m tools.reliability`` makes a row of it.
"""

from __future__ import annotations

import fcntl
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOUND = ROOT / "build" / "fault_classes.json"


@dataclass(frozen=True)
class FaultClass:
    """``tests``: files below tests/, or single tests of one, as pytest names them; ``tried`` in English and in French."""

    tried: tuple[str, str]
    tests: tuple[str, ...]


def _class(english: str, french: str, *tests: str) -> FaultClass:
    return FaultClass((english, french), tests)


RUBBISH = "unit/test_rubbish.py::test_"
RUBBISH_OF_JOBS = "unit/test_rubbish_of_jobs.py::test_"
CLASSES = {
    0: _class(
        "every job of the core, and every dock, the Browser, expressions and Find positions, before each server that misbehaves; every "
        "job with single values altered in the replies to each of its commands",
        "chaque travail du noyau, puis chaque panneau, l’explorateur, les expressions et la recherche de positions, devant chaque "
        "serveur qui se conduit mal ; chaque travail, une valeur altérée dans les réponses à chacune de ses commandes",
        "integration/test_misbehaving_servers.py", "integration/test_altered_replies.py", "qgis/test_misbehaving_servers_in_the_window.py",
    ),
    1: _class(
        "values that would end QGIS: nested, cut, inflated and exchanged geometries, forged and damaged results",
        "valeurs qui mettraient fin à QGIS : géométries imbriquées, coupées, gonflées ou échangées, résultats falsifiés ou abîmés",
        "unit/geometry/test_walk.py", "unit/cache/test_codec.py", "qgis/test_cache_secret.py", f"{RUBBISH}a_cached_value",
        "unit/steps/test_formats.py", "unit/steps/test_store.py", "qgis/test_steps_forged.py",
        f"{RUBBISH}a_value_under", f"{RUBBISH}wkb_that", f"{RUBBISH_OF_JOBS}the_geometry_of", f"{RUBBISH}curves", f"{RUBBISH}attributes_beside",
    ),
    2: _class(
        "records that would stop a feed: impossible times, halves of characters, numbers without an end",
        "enregistrements qui arrêteraient un flux : dates impossibles, moitiés de caractères, nombres sans fin",
        "unit/live/test_safely.py", "qgis/test_live_rubbish.py", f"{RUBBISH}a_live_position", f"{RUBBISH}nested_fields",
        f"{RUBBISH}the_meaning", f"{RUBBISH}a_value_that_may", f"{RUBBISH}a_feed", f"{RUBBISH}single_values",
    ),
    3: _class(
        "foreign bytes and wrong types in the books of the queue",
        "octets étrangers et mauvais types dans les registres de la file",
        "integration/test_jobs_damaged_books.py", "integration/test_books_without_scripts.py",
        "unit/jobs/test_books.py", "qgis/test_jobs_damaged.py", f"{RUBBISH_OF_JOBS}a_job",
        f"{RUBBISH_OF_JOBS}an_entry", f"{RUBBISH_OF_JOBS}the_head", f"{RUBBISH_OF_JOBS}what_a_batch", f"{RUBBISH_OF_JOBS}the_health",
    ),
    4: _class("odd but ordinary jobs", "tâches ordinaires mais insolites", "integration/test_jobs_odd.py", "unit/geometry/test_guarded.py",
              "unit/cache/test_compute.py::test_no_buffer", "unit/cache/test_compute.py::test_what_is_not_finite"),
    5: _class(
        "texts of others: markup, formulas, control characters",
        "textes d’autrui : balises, formules, caractères de contrôle",
        "qgis/test_texts_of_others.py", "unit/test_plain_text.py", "unit/test_readable.py",
    ),
    6: _class(
        "every way to write, on a connection marked as production",
        "chaque manière d’écrire, sur une connexion de production",
        "integration/test_production.py", "integration/test_production_sources.py", "integration/test_production_fences.py",
        "qgis/test_connections_marked_meanwhile.py", "qgis/test_worker_here.py::test_it_ends_where", "unit/redis/test_production.py",
    ),
    7: _class(
        "saving to full disks, cancelled, and with replies that get lost",
        "enregistrements sur disque plein, annulés, ou dont la réponse se perd", "qgis/test_saving.py",
        "integration/test_features_lost_replies.py",
        "integration/test_local_server.py::test_a_full_disk", "integration/test_local_server.py::test_what_is_written",
    ),
    8: _class(
        "leaving QGIS and unloading the plugin while servers hang, drip or are cut off",
        "quitter QGIS et décharger l’extension pendant qu’un serveur se fige, distille ou disparaît",
        "integration/test_quitting_in_real_qgis.py", "integration/test_closing_a_server.py", "qgis/test_tasks.py", "qgis/test_leaks.py",
        "qgis/test_keeping.py", "qgis/test_leaving_at_every_moment.py",
        "unit/test_scope.py",
    ),
    9: _class(
        "volume: attributes, members, GEO sets and values of others’ size",
        "volumes : attributs, membres, ensembles GEO et valeurs de toute taille",
        "qgis/test_volume.py", "qgis/test_huge_names.py", "integration/test_sized_reads.py",
    ),
    10: _class(
        "Redis and Valkey clusters, also while slots move and nodes join",
        "clusters Redis et Valkey, y compris pendant que des slots migrent et que des nœuds arrivent",
        "integration/test_both_clusters.py", "integration/test_live_cluster.py", "integration/test_geo_cluster.py",
        "integration/test_clusters_that_grow.py", "integration/test_cluster_transactions.py",
    ),
    11: _class(
        "servers as they are sold: proxies, narrow rights, sentinels with a password",
        "serveurs tels qu’on les vend : mandataires, droits étroits, sentinelles à mot de passe",
        "integration/test_poor_servers.py", "integration/test_poor_servers_at_work.py", "integration/test_deployments.py",
        "integration/test_each_command_denied.py", "integration/test_roles.py", "unit/redis/test_closings.py", "unit/redis/test_settings.py",
    ),
    12: _class(
        "the local server on a shared computer", "le serveur local sur un poste partagé", "integration/test_local_server.py"
    ),
    13: _class(
        "what the Server panel may touch", "ce que le panneau Serveur peut toucher",
        "integration/test_admin.py", "integration/test_others_under_our_names.py", "unit/admin/test_key_families.py",
        "qgis/test_server_dock.py",
    ),
    14: _class(
        "lost jobs and books, forged log lines, odd projects and settings, names that are no text, reloads",
        "tâches et registres perdus, lignes de journal falsifiées, projets et réglages insolites, noms qui ne sont pas du texte, "
        "rechargements",
        "integration/test_jobs_lost.py", "integration/test_reload_in_real_qgis.py", "qgis/test_names_of_bytes.py",
        "integration/test_names_of_bytes_read.py",
        "unit/test_cores.py", "unit/worker/test_logs.py", "qgis/test_live_settings.py", "qgis/test_jobs_evicted.py",
        "qgis/test_hostile_projects.py", "qgis/test_kept_settings.py",
    ),
}  # fmt: skip


def classes_of(test: str) -> list[int]:
    """The classes that a test belongs to, by its name as pytest writes it."""
    name = test.removeprefix("tests/")
    return [number for number, one in CLASSES.items() if name.startswith(one.tests)]


def keep(outcomes: dict[str, dict[str, Any]], path: Path = FOUND) -> None:
    """Add the outcomes of a run of the tests to those of earlier ones.

    Args:
        outcomes: by test, ``cases``, ``seconds`` and whether it ``passed``.
        path: the file.
    """
    path.parent.mkdir(exist_ok=True)
    with open(path.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # kinds of tests run beside each other
        known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        path.write_text(json.dumps({**known, **outcomes}, indent=0, sort_keys=True), encoding="utf-8")


def rows(found: dict[str, dict[str, Any]], language: int) -> list[str]:
    """A line of the table for each class: what was tried, how many cases in how many tests, the longest, and how it went."""
    lines = []
    for number, one in CLASSES.items():
        mine = [outcome for test, outcome in found.items() if number in classes_of(test)]
        failed = sum(not outcome["passed"] for outcome in mine)
        result = ((f"{failed} failed", f"{failed} échecs") if failed else ("all good", "tout va bien"))[
            language
        ]
        if not mine:
            result = ("not run", "non exécuté")[language]
        cases = f"{sum(outcome['cases'] for outcome in mine):,}".replace(",", (",", "\u202f")[language])
        longest = f"{max((outcome['seconds'] for outcome in mine), default=0.0):.1f} s"
        longest = longest.replace(".", ",") if language else longest
        cells = [str(number or "–"), one.tried[language], str(len(mine)), cases, longest, result]
        lines.append("| " + " | ".join(cells) + " |")
    return lines
