"""Types of arrays."""

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Record = Any
Records = npt.NDArray[np.void]
"""Of several fields each: what a step of a search needs lies in one line of the cache."""
