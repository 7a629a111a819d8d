"""The server's figures in words that a GIS analyst understands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.PyQt.QtCore import QLocale

from ...bridge.i18n import tr

if TYPE_CHECKING:
    from ...core.admin.health import Health
    from ...core.admin.protection import Verdict
    from ...core.admin.survey import Survey


def number(value: float) -> str:
    """A count; above 10,000 rounded to what an estimate is worth."""
    return QLocale().toString(round(value))


def about(value: float, exact: bool) -> str:
    """A count that is exact, or an estimate with two or three figures and a sign that says so."""
    if exact:
        return number(value)
    digits = 10 ** max(0, len(str(int(value))) - 2)
    return "≈ " + number(round(value / digits) * digits)


def size(value: float) -> str:
    return QLocale().formattedDataSize(int(value), 1)


def percent(share: float) -> str:
    return tr("{value} %").format(value=QLocale().toString(100.0 * share, "f", 0 if share > 0.1 or not share else 1))


def duration(seconds: float) -> str:
    """A time span with its largest unit: 45 s, 12 min, 3 h, 8 days."""
    if seconds < 90:
        return tr("{n} s").format(n=round(seconds))
    if seconds < 5400:
        return tr("{n} min").format(n=round(seconds / 60))
    if seconds < 48 * 3600:
        return tr("{n} h").format(n=round(seconds / 3600))
    return tr("{n} days").format(n=round(seconds / 86400))


def light(verdict: Verdict) -> str:
    """The word beside the light."""
    return {
        "protected": tr("Protected"),
        "partly": tr("Partly protected"),
        "not_protected": tr("Not protected"),
        "unknown": tr("Not known whether protected"),
    }[verdict.light.value]


def risks(verdict: Verdict, health: Health) -> str:
    """What would be lost, and when; one sentence each."""
    sentences = {
        "evicts_all": tr(
            "When its memory is full, the server throws away any key ({policy}), GEO sets and jobs too."
        ).format(policy=health.policy),
        "nothing_on_disk": tr("Nothing is on disk: a restart of the server loses everything."),
        "saving_fails": tr("The server's last attempt to write to its disk failed. Tell its administrator."),
        "snapshots_only": tr(
            "Snapshots only: after a crash, what came since the last one is gone ({changes} changes in {time})."
        ).format(changes=number(health.unsaved), time=duration(health.since_save)),
        "writes_stop": tr("The memory is nearly full and nothing is evicted: soon nothing new can be stored."),
        "disk_unknown": tr("This user may not ask the server whether it writes to disk."),
    }
    if not verdict.risks:
        return tr("Every change is written to disk, and what has no TTL is never evicted.")
    return " ".join(sentences[risk.value] for risk in verdict.risks)


def memory(health: Health) -> str:
    if health.limit:
        return tr("{used} of {limit}").format(used=size(health.used), limit=size(health.limit))
    if health.machine:
        return tr("{used}, no limit set (the machine has {machine})").format(
            used=size(health.used), machine=size(health.machine)
        )
    return tr("{used}, no limit set").format(used=size(health.used))


def room(health: Health, mean_result: Optional[float]) -> str:
    """How many more buffers fit."""
    if health.free is None:
        return ""
    if not mean_result:
        return tr("No cached result yet from which to tell how many more fit.")
    count = about(health.free / mean_result, False)
    return tr("Room for {count} more buffers of {size} each").format(count=count, size=size(mean_result))


def when_full(health: Health) -> str:
    """What happens when the memory is full."""
    if not health.limit:
        return tr("No memory limit is set: the server grows until the machine's memory is used up.")
    if health.policy == "noeviction":
        return tr("When the memory is full, nothing more is stored (noeviction).")
    return tr("When the memory is full, others make room ({policy}).").format(policy=health.policy)


def hit_rate(health: Health) -> str:
    if health.hit_rate is None:
        return tr("nothing asked yet")
    return tr("{rate} since its start, {time} ago").format(rate=percent(health.hit_rate), time=duration(health.uptime))


def evictions(health: Health, recent: int, minutes: float) -> str:
    if recent:
        return tr("{count}, of which {recent} in the last {minutes} min").format(
            count=number(health.evicted), recent=number(recent), minutes=max(1, round(minutes))
        )
    return number(health.evicted) if health.evicted else tr("none")


def clients(health: Health) -> str:
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


def milliseconds(value: float) -> str:
    return tr("{value} ms").format(value=QLocale().toString(value, "f", 1 if value < 10 else 0))


def ttl(seconds: Optional[float]) -> str:
    return tr("none") if seconds is None else duration(seconds)


def longest(keys: list) -> str:
    """The longest TTL of these keys, for a narrow column."""
    lasting = [key.ttl for key in keys if key.ttl is not None]
    if not keys:
        return ""
    return tr("≤ {time}").format(time=duration(max(lasting))) if lasting else tr("none")


def lifetimes_of(keys: list) -> str:
    """The shortest and the longest TTL of these keys, or that there is none."""
    lasting = [key.ttl for key in keys if key.ttl is not None]
    if not keys:
        return ""
    if not lasting:
        return tr("none")
    shortest, longest = duration(min(lasting)), duration(max(lasting))
    words = (
        shortest if shortest == longest else tr("{shortest} to {longest}").format(shortest=shortest, longest=longest)
    )
    return words if len(lasting) == len(keys) else tr("{ttl}, some none").format(ttl=words)
