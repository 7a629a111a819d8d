"""NumPy arrays as types. Not every NumPy that QGIS brings has ``NDArray``: only type checkers ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]
else:
    Array = np.ndarray
