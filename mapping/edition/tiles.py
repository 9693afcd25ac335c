"""Reading an archive of map tiles, mapped to memory."""

from pathlib import Path
from typing import Any

from pmtiles import reader

from mapping.errors import BadInputError

DEEPEST = 24
"""No map is closer: a pixel would be a centimetre."""
_DEGREE = 10_000_000
_PMTILES: Any = reader  # its functions say nothing of types


class Tiles:
    """One archive: gzipped vector tiles (MVT) by zoom, column and row."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            # The mapping outlives the handle.
            self._reader = _PMTILES.Reader(_PMTILES.MmapSource(file))
        self._header = self._reader.header()

    @property
    def zooms(self) -> tuple[int, int]:
        """The widest and the closest zoom that it holds; closer ones are drawn from the closest."""
        return self._header["min_zoom"], self._header["max_zoom"]

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north, in degrees."""
        west, south, east, north = (
            self._header[f"{name}_e7"] / _DEGREE
            for name in ("min_lon", "min_lat", "max_lon", "max_lat")
        )
        return west, south, east, north

    @property
    def metadata(self) -> dict[str, Any]:
        """What the archive says of itself and of its layers."""
        metadata: dict[str, Any] = self._reader.metadata()
        return metadata

    def tile(self, zoom: int, x: int, y: int) -> bytes | None:
        """Read one tile.

        Row 0 is the northernmost of the Web Mercator pyramid. None where there is nothing to draw.
        Raises BadInputError when no such tile can be.
        """
        if not 0 <= zoom <= DEEPEST:
            raise BadInputError(f"No tile has zoom {zoom}. Give one from 0 to {DEEPEST}.")
        last = 2**zoom - 1
        if not (0 <= x <= last and 0 <= y <= last):
            raise BadInputError(f"No tile {x}/{y} at zoom {zoom}. Give columns and rows to {last}.")
        content: bytes | None = self._reader.get(zoom, x, y)
        return content
