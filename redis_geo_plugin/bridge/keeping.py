"""Settings kept for the next session without the window waiting for the disk.

A QSettings writes its file in the thread where it lives, and waits until the disk has it: 10 ms, or as long
as a slow disk or a home on a network takes. This one lives in a thread of its own. What it is given can be
read at once, by every QgsSettings of the process; the thread writes the file. Only who opens settings in that
moment waits with it.
"""

from __future__ import annotations

import atexit
from collections.abc import Mapping
from typing import Optional

from qgis.core import QgsSettings
from qgis.PyQt.QtCore import QSettings, QThread

from ..core import background

LONGEST = 250  # milliseconds that closing waits for the thread


class _Keeper:
    """The thread, and the settings that live in it."""

    def __init__(self) -> None:
        self._thread = QThread()
        self._thread.setObjectName("redis-geo-settings")
        self._settings = QSettings()
        self._settings.moveToThread(self._thread)
        self._thread.start()

    def keep(self, values: Mapping[str, object]) -> None:
        """Set these values; the thread's event loop writes them together."""
        for name, value in values.items():
            self._settings.setValue(name, value)

    def close(self) -> bool:
        """End the thread, with everything written. False where the disk still keeps it waiting: then nobody
        may let go of it."""
        self._thread.quit()
        ended = bool(self._thread.wait(LONGEST))
        if ended:
            self._settings.sync()
        return ended


_keeper: Optional[_Keeper] = None
_still_writing: list[_Keeper] = []


def keep(values: Mapping[str, object]) -> None:
    """Keep values by their name in QGIS's settings; those that are kept already cost nothing. Main thread
    only."""
    global _keeper  # noqa: PLW0603 - one of the process, as the settings are
    known = QgsSettings()
    changed = {name: value for name, value in values.items() if known.value(name) != value}
    if not changed:
        return
    if _keeper is None:
        _keeper = _Keeper()
        background.at_close(_close)
        atexit.register(_close)
    _keeper.keep(changed)


def _close() -> None:
    global _keeper
    atexit.unregister(_close)  # which would keep what was unloaded in memory
    closing, _keeper = _keeper, None
    if closing is not None and not closing.close():
        _still_writing.append(closing)
