"""What the buttons of the Live dock and of its tabs do: the component fills it in, the dock passes it on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable, Optional

if TYPE_CHECKING:
    from ...bridge.live.live_feed import LiveFeed
    from ...core.live.density import DensitySpec
    from ...core.live.spec import Fencing

Uid = Optional[str]  # of the feed that is chosen in the dock; None for none
OnFeed = Callable[[Uid], None]


@dataclass(frozen=True)
class LiveActions:
    """Each is called on the main thread and returns at once."""

    find: Callable[[], None]
    features: Callable[[], None]  # a set of features is found and added
    start: OnFeed
    pause: OnFeed
    stop: OnFeed
    remove: OnFeed
    settings: OnFeed
    refused_layer: OnFeed
    follow: Callable[[str], None]  # the id of the vehicle to keep in the middle of the map; "" ends it
    in_view: Callable[[Uid, bool], None]  # whether list and layer hold only what the map shows
    trails: Callable[[LiveFeed], None]
    save: Callable[[LiveFeed, str], None]  # to the GeoPackage at this path
    fences: Callable[[Uid, Fencing], None]
    replay: Callable[[LiveFeed], None]  # the stream of the feed is looked through
    density: Callable[[DensitySpec], None]  # of which feed stands in it
    no_density: Callable[[Uid, str], None]  # the kind of ``core.live.density`` is no longer shown
