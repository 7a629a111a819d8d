"""What the Browser shows under a connection, found in the background, as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.PyQt.QtCore import QLocale

from ...bridge.i18n import tr
from ...bridge.tasks import watch_of
from .items import FEATURES, FEED, GEO_SET, MESSAGE, MOST_ITEMS

if TYPE_CHECKING:
    from ...bridge.tasks import BackgroundTask
    from ...core.json_types import JsonObject
    from ...core.redis.settings import ConnectionSettings


def find(settings: ConnectionSettings, connection: str, task: BackgroundTask) -> list[JsonObject]:
    """GEO sets, feeds and sets of features as plain data. In a background thread."""
    from ...bridge.tasks import watch_of
    from ...core.geo import sets
    from ...core.redis.server import open_server
    from ..search.sets_list import about

    named = [(geo.name(settings.key_prefix), geo) for geo in sets.find(open_server(settings), watch_of(task))]
    named.sort(key=lambda pair: pair[0].casefold())
    found: list[JsonObject] = [
        {"kind": GEO_SET, "name": name, "connection": connection, "about": about(geo, name)}
        for name, geo in named[:MOST_ITEMS]
    ]
    found += [*_rest(len(named), connection), *feeds(settings, connection, task)[:MOST_ITEMS]]
    return [*found, *features(settings, connection, task)[:MOST_ITEMS]]


def _rest(count: int, connection: str) -> list[JsonObject]:
    """A word on the sets that are not listed."""
    if count <= MOST_ITEMS:
        return []
    locale = QLocale()
    text = tr("The first {most} of {count} GEO sets; the Search panel takes any by its name.").format(
        most=locale.toString(MOST_ITEMS), count=locale.toString(count)
    )
    return [{"kind": MESSAGE, "name": text, "connection": connection}]


def feeds(settings: ConnectionSettings, connection: str, task: BackgroundTask) -> list[JsonObject]:
    """The feeds that the live positions would propose, without the GEO sets."""
    from ...core.live.discovery import find_positions

    proposals = find_positions(settings, watch=watch_of(task)).proposals
    return [
        {
            "kind": FEED,
            "name": proposal.spec.name or proposal.spec.pattern,
            "connection": connection,
            "spec": proposal.spec.changed(connection=connection).to_json(),
            "about": [proposal.spec.name, proposal.spec.pattern],
            "tip": proposal.spec.pattern,
        }
        for proposal in proposals
        if "geo" not in proposal.spec.kind
    ]


def features(settings: ConnectionSettings, connection: str, task: BackgroundTask) -> list[JsonObject]:
    """The sets of features: those that indexes declare, then those that are found by their values."""
    from ...bridge.features.words import declared_text, kinds_text
    from ...core.features import finding
    from ...core.redis.server import open_server

    server, watch = open_server(settings), watch_of(task)
    declared, _ = finding.declared_or_why_not(server, watch)
    return [
        {
            "kind": FEATURES,
            "name": one.source,
            "connection": connection,
            "needs_crs": one.needs_crs,
            "field": one.geometry_field,
            "about": list(filter(None, (one.source, kinds_text(one.kinds), declared_text(one)))),
        }
        for one in [*declared, *finding.find_sets(server, "", watch)]
    ]
