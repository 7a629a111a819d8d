"""States, reasons and amounts of live feeds in words."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Optional

from qgis.PyQt.QtCore import QDateTime, Qt

from ...bridge.i18n import tr
from ...bridge.words import failures
from ...bridge.words.quantities import amount
from ...bridge.words.quantities import duration as duration_text

if TYPE_CHECKING:
    from ...bridge.live.live_feed import LiveFeed
    from ...core.live.fences import Event
    from ...core.live.status import Status


KMH = 3.6  # km/h of one m/s
LAMPS = {
    "live": "#2e9e5b",
    "starting": "#3b7dd8",
    "late": "#e0a100",
    "paused": "#7a8790",
    "reconnecting": "#e07b00",
    "failed": "#c0392b",
    "stopped": "#b8c0c4",
}


def state_text(status: Optional[Status]) -> str:
    """The lamp in words, with the time since when it is so."""
    if status is None:
        return tr("stopped")
    since = clock_time(status.since)
    texts = {
        "live": tr("live"),
        "starting": tr("reading…"),
        "late": tr("late: nothing new since {time}").format(time=since),
        "paused": tr("paused since {time}").format(time=since),
        "reconnecting": tr("reconnecting since {time}").format(time=since),
        "failed": tr("failed at {time}").format(time=since),
        "stopped": tr("stopped"),
    }
    return texts[status.state.value]


def lamp_color(status: Optional[Status]) -> str:
    """Return the colour of a feed's lamp."""
    return LAMPS[status.state.value if status is not None else "stopped"]


def kind_word(kind: str) -> str:
    """What a vehicle did with a polygon."""
    return {"enter": tr("entered"), "leave": tr("left"), "cross": tr("crossed")}.get(kind, kind)


def event_text(event: Event) -> str:
    """An event of a geofence as a sentence."""
    text = tr("{vehicle} {did} {polygon}")
    return text.format(vehicle=event.vehicle, did=kind_word(event.kind), polygon=event.fence)


def clock_time(seconds: float) -> str:
    """A moment as local time of day."""
    return QDateTime.fromMSecsSinceEpoch(round(seconds * 1000)).toString("HH:mm:ss")


def utc_text(seconds: float) -> str:
    """A moment as date and time in UTC."""
    moment = QDateTime.fromMSecsSinceEpoch(round(seconds * 1000), Qt.TimeSpec.UTC)
    return moment.toString("yyyy-MM-dd HH:mm:ss")


def speed_text(speed: Optional[float]) -> str:
    """Metres a second in km/h; empty where there is no speed."""
    return "" if speed is None else amount(speed * KMH, 1)


def heading_text(heading: Optional[float]) -> str:
    """Degrees from north; empty where there is no heading."""
    return "" if heading is None else f"{heading:.0f}°"


def clock_text(offset: Optional[float], correction: float) -> str:
    """What is known of the producer's clock."""
    if offset is None:
        return tr("clock not yet compared")
    if abs(offset) < 2.0:
        return tr("clock agrees")
    if offset < 0:
        text = tr("clock ahead by {time}").format(time=duration_text(-offset))
    else:
        text = tr("reports are {time} old when they arrive").format(time=duration_text(offset))
    return tr("{clock} (ages corrected)").format(clock=text) if correction else text


def mapping_text(feed: LiveFeed) -> str:
    """How a large fleet is read, and what that leaves out, or why it is not read so; empty for others."""
    if feed.is_mapped:
        text = tr(
            "A process of its own reads this fleet. There is no past here: trails, rewinding, replay and "
            "geofences need an ordinary layer. Add trails or geofences, and the feed goes on in one."
        )
        return f"{text} {tr('Texts are cut at 254 bytes.')}" if feed.is_cut else text
    if feed.unmapped is not None:
        text = tr("The fleet is shown in an ordinary layer. {why}")
        return text.format(why=failures.with_server_words(feed.unmapped))
    why = {
        "trails": tr("Large as it is, the fleet is shown in an ordinary layer: its trails need that."),
        "fences": tr("Large as it is, the fleet is shown in an ordinary layer: its geofences need that."),
        "view": tr("Large as it is, the fleet is shown in an ordinary layer: the map view restricts it."),
    }
    return why.get(feed.needs_rows, "")


def details_text(feed: LiveFeed) -> str:
    """One paragraph on a feed for the dock."""
    status = feed.status()
    if status is None:
        return tr("This feed is stopped. The layer keeps what it showed last.")
    parts = []
    if status.failure is not None:
        parts.append(failures.with_server_words(status.failure))
    elif status.note is not None and (status.tracking or status.resting):
        parts.append(
            tr("Part of the cluster is away ({nodes}): what is kept there stays as it was last seen.").format(
                nodes=status.note.words
            )
        )
    elif status.note is not None:
        parts.append(
            tr("Polling, because the server does not tell what changes: {why}").format(
                why=failures.with_server_words(status.note)
            )
        )
    elif status.tracking:
        parts.append(tr("The server tells what changes; only that is read."))
    elif status.resting:
        parts.append(tr("Most vehicles change at each reading, so all are read in turn until it calms."))
    parts += filter(None, [mapping_text(feed)])
    tick = feed.tick
    if tick.at:
        parts.append(
            tr("Last change {ago} ago (rows: {rows}), in {ms} ms, {lag} ms after it was read.").format(
                ago=duration_text(time.time() - tick.at),
                rows=amount(tick.rows + tick.gone),
                ms=amount(tick.seconds * 1000),
                lag=amount(tick.lag * 1000),
            )
        )
    parts.append(tr("Producer: {clock}.").format(clock=clock_text(status.offset, status.correction)))
    after_failure = "\n" if status.failure is not None else " "  # the server's words end without a full stop
    return after_failure.join((parts[0], " ".join(parts[1:])))
