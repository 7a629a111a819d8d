"""The server's figures in words that a GIS analyst understands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Optional

from ...bridge.i18n import tr
from ...bridge.operations import label
from ...bridge.words.quantities import about, about_size, duration, milliseconds, number, percent, size

if TYPE_CHECKING:
    from ...core.admin.health import ServerHealth
    from ...core.admin.protection import Verdict
    from ...core.admin.survey import Survey
    from ...core.admin.tree import Key

__all__ = [
    "about",
    "about_size",
    "duration",
    "milliseconds",
    "number",
    "percent",
    "size",
]  # as the other texts of the dock


def light(verdict: Verdict) -> str:
    """The word beside the light."""
    return {
        "protected": tr("Protected"),
        "partly": tr("Partly protected"),
        "not_protected": tr("Not protected"),
        "unknown": tr("Not known whether protected"),
    }[verdict.light.value]


def risks(verdict: Verdict, health: ServerHealth) -> str:
    """What would be lost, and when; one sentence each."""
    sentences = {
        "evicts_all": tr(
            "When its memory is full, the server throws away any key ({policy}), GEO sets and jobs too."
        ).format(policy=health.policy),
        "nothing_on_disk": tr("Nothing is on disk: a restart of the server loses everything."),
        "saving_fails": tr("The server's last attempt to write to its disk failed. Tell its administrator."),
        "snapshots_only": tr(
            "Snapshots only: after a crash, what came since the last one is gone ({changes} changes in "
            "{time})."
        ).format(changes=number(health.unsaved), time=duration(health.since_save)),
        "writes_stop": tr(
            "The memory is nearly full and nothing is evicted: soon nothing new can be stored."
        ),
        "disk_unknown": tr("This user may not ask the server whether it writes to disk."),
    }
    if not verdict.risks:
        return tr("Every change is written to disk, and what has no TTL is never evicted.")
    return " ".join(sentences[risk.value] for risk in verdict.risks)


def memory(health: ServerHealth) -> str:
    """The memory that the server uses, in words."""
    if health.limit:
        return tr("{used} of {limit}").format(used=size(health.used), limit=size(health.limit))
    if health.machine:
        return tr("{used}, no limit set (the machine has {machine})").format(
            used=size(health.used), machine=size(health.machine)
        )
    return tr("{used}, no limit set").format(used=size(health.used))


def room(health: ServerHealth, mean_results: Mapping[str, float]) -> str:
    """How many more results fit, of each operation of which some are there: a sentence each."""
    if health.free is None:
        return ""
    if not mean_results:
        return tr("No cached result yet from which to tell how many more fit.")
    lines = [tr("Room for more results of one kind, by those that are here:")]
    for operation, mean in sorted(mean_results.items(), key=lambda one: one[1]):
        count = about(health.free / mean, False)
        line = tr("{operation}: {count} of {size} each")
        lines.append(line.format(operation=label(operation), count=count, size=about_size(mean, False)))
    return "\n".join(lines)


def when_full(health: ServerHealth) -> str:
    """What happens when the memory is full."""
    if not health.limit:
        return tr("No memory limit is set: the server grows until the machine's memory is used up.")
    if health.policy == "noeviction":
        return tr("When the memory is full, nothing more is stored (noeviction).")
    return tr("When the memory is full, others make room ({policy}).").format(policy=health.policy)


def hit_rate(health: ServerHealth) -> str:
    """The share of reads that found their key, in words."""
    if health.hit_rate is None:
        return tr("nothing asked yet")
    return tr("{rate} since its start, {time} ago").format(
        rate=percent(health.hit_rate), time=duration(health.uptime)
    )


def evictions(health: ServerHealth, recent: int, minutes: float) -> str:
    """How many keys the server evicted, in words."""
    if recent:
        return tr("{count}, of which {recent} in the last {minutes} min").format(
            count=number(health.evicted), recent=number(recent), minutes=max(1, round(minutes))
        )
    return number(health.evicted) if health.evicted else tr("none")


def clients(health: ServerHealth) -> str:
    """How many clients are connected, in words."""
    if not health.max_clients:
        return number(health.clients)
    return tr("{count} of {limit}").format(count=number(health.clients), limit=number(health.max_clients))


def looked_at(survey: Survey) -> str:
    """ "2,000 of 1,200,000 keys looked at"."""
    if "SCAN" in survey.refused:
        return tr("This user may not list keys (SCAN): ask the server's administrator.")
    if survey.complete:
        words = tr("All {count} keys looked at.").format(count=number(survey.looked))
    else:
        words = tr("{looked} of {total} keys looked at; counts and sizes are estimates.").format(
            looked=number(survey.looked), total=number(survey.total)
        )
    if survey.nodes_away:
        words += " " + tr("Nodes that did not answer: {count}.").format(count=survey.nodes_away)
    missing = [command for command in survey.refused if command != "SCAN"]
    if missing:
        words += " " + tr("Not allowed to this user: {commands}.").format(commands=", ".join(missing))
    return words


def lifetime_classes() -> list[str]:
    return [
        tr("under a minute"),
        tr("under an hour"),
        tr("under a day"),
        tr("under a week"),
        tr("under 30 days"),
        tr("longer"),
    ]


def kind(name: str) -> str:
    """The type of a key as an analyst knows it."""
    return {
        "string": tr("value"),
        "zset": tr("sorted set (GEO)"),
        "hash": tr("hash"),
        "list": tr("list"),
        "stream": tr("stream"),
        "set": tr("set"),
    }.get(name, name)


def ttl(seconds: Optional[float]) -> str:
    return tr("none") if seconds is None else duration(seconds)


def longest(keys: list[Key]) -> str:
    """The longest TTL of these keys, for a narrow column."""
    lasting = [key.ttl for key in keys if key.ttl is not None]
    if not keys:
        return ""
    return tr("≤ {time}").format(time=duration(max(lasting))) if lasting else tr("none")


def lifetimes_of(keys: list[Key]) -> str:
    """The shortest and the longest TTL of these keys, or that there is none."""
    lasting = [key.ttl for key in keys if key.ttl is not None]
    if not keys:
        return ""
    if not lasting:
        return tr("none")
    shortest, longest = duration(min(lasting)), duration(max(lasting))
    words = (
        shortest
        if shortest == longest
        else tr("{shortest} to {longest}").format(shortest=shortest, longest=longest)
    )
    return words if len(lasting) == len(keys) else tr("{ttl}, some none").format(ttl=words)
