"""The Server panel: what stands on the demo's server, and what everyone computed lately."""

from __future__ import annotations

import re

ORDER = 60


def play(stage) -> None:
    dock = stage.show_dock("redis_geo_server_dock")
    panel = dock.panel
    stage.wait_until(
        lambda: panel.survey is not None and panel.head.health is not None, 20, "the server's figures"
    )
    stage.say(f"the server: {re.sub('<[^>]*>', '', panel.head.light.text())}; {panel.looked_at.text()}")
    if not panel.survey.root.children:
        stage.fail("the tree of keys is empty")
    stage.picture("60-server", dock)
    panel.keys.setCurrentWidget(panel.recents)
    panel.recents.look()
    stage.wait_until(lambda: panel.recents.table.topLevelItemCount(), 10, "the recent results")
    item = panel.recents.table.topLevelItem(0)
    stage.say(f"recent results: {item.text(0)}, by {item.text(1)}, {item.text(2)}")
    stage.picture("61-recent-results", dock)
    panel.keys.setCurrentIndex(2)
    stage.picture("62-lifetimes", dock)
    panel.keys.setCurrentIndex(0)
