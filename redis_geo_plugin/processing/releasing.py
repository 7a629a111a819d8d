"""Lets exceptions that leave an algorithm hold no objects.

QGIS never releases an exception that a method of a Python algorithm raises, nor the objects in the frames of
its traceback. An iterator among them keeps its connection to the file of the layer. QGIS has four of these
for each file, so the fifth run on that file would wait for ever.
"""

from __future__ import annotations

import functools
import traceback
from typing import Any, Callable, Optional, TypeVar

Method = TypeVar("Method", bound=Callable[..., Any])


def releasing(method: Method) -> Method:
    """Make a method that QGIS calls release all its local variables before it raises. Line numbers are
    kept."""

    @functools.wraps(method)
    def called(*arguments: Any, **named: Any) -> Any:
        try:
            return method(*arguments, **named)
        except Exception as error:
            release(error)
            del arguments, named
            raise

    return called  # type: ignore[return-value]


def release(error: Optional[BaseException]) -> None:
    """Clear the frames of an exception, and of the exceptions that it was raised from."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__
