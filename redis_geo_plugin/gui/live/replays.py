"""Replaying the stream of a feed: looked through in the background, then played by the Temporal
Controller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from ...bridge.i18n import tr
from ...bridge.tasks import watch_of
from ...bridge.words import failures
from ...core.redis.failures import classify
from ...core.watch import Cancelled
from .temporal import open_controller
from .wording import amount, utc_text

if TYPE_CHECKING:
    from ...bridge.live.live_feed import LiveFeed
    from ...bridge.live.manager import FeedManager
    from ...bridge.tasks import BackgroundTask
    from ...core.live.replay import Replay
    from ..component import Context


class Replays:
    """Makes the replay of a feed, once at a time, and gives it to the feed."""

    def __init__(self, context: Context, manager: FeedManager):
        self._context, self._manager = context, manager
        self._tasks: dict[str, tuple[LiveFeed, BackgroundTask]] = {}  # by the uid of the feed
        manager.listed.connect(self._drop_gone)

    def start(self, feed: LiveFeed) -> None:
        """Look through the stream of a feed; then it can be rewound as far as that reaches."""
        uid = feed.spec.uid
        settings = self._manager.settings_of(feed.spec)
        if feed.core is None or settings is None:
            return
        spec, name = feed.spec, feed.spec.name
        if uid in self._tasks:
            text = tr("{feed}: its stream is being looked through already.")
            self._context.ui.message(text.format(feed=name))
            return

        def work(task: BackgroundTask) -> object:
            from ...core.live.replay import look_through

            return look_through(settings, spec, watch_of(task))

        def done(found: Optional[Replay], error: Optional[BaseException]) -> None:
            if self._manager.feeds.get(uid) is not feed:  # it is gone, and its task forgotten
                return
            self._tasks.pop(uid, None)
            core = feed.core
            if error is not None or found is None:
                self._say_why_not(name, error)
            elif core is None or core.spec.reads_otherwise(spec) or not core.set_replay(found, settings):
                text = tr("{feed}: it was stopped, or reads another stream by now. Replay it again.")
                self._context.ui.warning(text.format(feed=name))
            else:
                open_controller(self._context.iface, found.span)
                text = tr("{feed}: {n} reports from {start} to {end} UTC can be replayed.")
                start, end = map(utc_text, found.span)
                text = text.format(feed=name, n=amount(found.reports), start=start, end=end)
                self._context.ui.success(text, topic=f"replay {uid}")

        title = tr("Look through the stream of {feed}").format(feed=name)
        self._tasks[uid] = feed, self._context.tasks.start(title, work, done, shown=True)

    def _drop_gone(self) -> None:
        """Feeds were removed, or their project closed: nobody waits for their streams."""
        for uid, (feed, task) in list(self._tasks.items()):
            if self._manager.feeds.get(uid) is not feed:
                del self._tasks[uid]
                task.cancel()

    def _say_why_not(self, name: str, error: Optional[BaseException]) -> None:
        from ...core.live.replay import NoReplay

        if error is None or isinstance(error, Cancelled):
            self._context.ui.message(tr("Nothing can be replayed: cancelled."))
        elif isinstance(error, NoReplay):
            text = tr("{feed}: the stream holds no position that could be replayed.")
            self._context.ui.warning(text.format(feed=name))
        else:
            text = tr("{feed}: the stream could not be looked through. {problem}")
            problem = failures.in_words(classify(error))
            self._context.ui.error(text.format(feed=name, problem=problem), details=str(error))
