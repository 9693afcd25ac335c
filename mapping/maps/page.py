"""The page round a map: title, legends, the table of the same content, edition, attributions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import folium
import jinja2
from folium.template import Template
from folium.utilities import JsCode

from mapping.maps.features import MapLayer
from mapping.maps.map_words import LABELS
from mapping.maps.outlines import Bounds, Feature


@dataclass(frozen=True)
class Frame:
    """What a page says of itself: title, edition, attributions, and where its assets are.

    `estimated` is true when the times come from straight lines; `assets` is the address of the
    vendor folder on the same host, ending with a slash.
    """

    title: str
    edition: str
    attribution: tuple[str, ...] = ()
    estimated: bool = False
    notes: tuple[str, ...] = ()
    assets: str = "/static/vendor/"


@dataclass(frozen=True)
class LegendLine:
    """One line of a legend."""

    colour: str
    text: str
    dashed: bool = False


@dataclass(frozen=True)
class MapText:
    """What stands beside the map in words: legends, and the table of the same content."""

    summary: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    legends: Mapping[str, Sequence[LegendLine]] = field(default_factory=dict)


class _TouchMap(folium.Map):
    """A folium map without folium's page header, which forbids zooming with two fingers."""

    _template = Template(
        """
        {% macro html(this, kwargs) %}
        <div class="folium-map" id={{ this.get_name()|tojson }}></div>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        const {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, {
            center: {{ this.location|tojson }}, ...{{ this.options|tojavascript }}
        });
        prossimaMap({{ this.get_name() }});
        {% endmacro %}
        """
    )


def page(layers: Iterable[MapLayer], bounds: Bounds | None, words: MapText, frame: Frame) -> str:
    """Compose the page of a map.

    Texts of the data never pass through folium: its popups paste them into the page as HTML, and
    it compiles what it has rendered once more as a template. Features carry an index instead; the
    texts travel as JSON, and `templates/map.js` writes them as text nodes.
    """
    texts: list[Feature] = []
    drawing = _TouchMap(tiles=None, prefer_canvas=True, attribution_control=False, zoom_snap=0.25)
    drawing.default_js = [("leaflet", f"{frame.assets}leaflet/leaflet.js")]
    drawing.default_css = [("leaflet_css", f"{frame.assets}leaflet/leaflet.css")]
    drawn = [_geojson(layer, texts) for layer in layers]
    for layer in drawn:
        drawing.add_child(layer)
    if any(layer.control for layer in drawn):
        drawing.add_child(folium.LayerControl(collapsed=False))
    if bounds:
        drawing.fit_bounds(bounds, padding=(12, 12), max_zoom=17)
    template = _environment().get_template("map.html")
    return template.render(
        frame=frame, words=words, labels=LABELS, texts=texts, **_rendered(drawing)
    )


def _geojson(layer: MapLayer, texts: list[Feature]) -> folium.GeoJson:
    drawn = {
        "type": "FeatureCollection",
        "features": [_without_texts(feature, texts) for feature in layer.features],
    }
    circle = folium.CircleMarker(
        radius=6,
        weight=1,
        color="#ffffff",
        fill=True,
        fill_opacity=0.9,
        interactive=layer.interactive,
    )
    return folium.GeoJson(
        drawn,
        name=layer.name,
        overlay=not layer.base,
        control=layer.name is not None,
        show=layer.show,
        marker=circle,
        on_each_feature=JsCode("prossimaFeature"),
        interactive=layer.interactive,
    )


def _without_texts(feature: Feature, texts: list[Feature]) -> Feature:
    properties = dict(feature["properties"])
    about = properties.pop("about", None)
    if about is not None:
        properties["about"] = len(texts)
        texts.append(about)
    return {**feature, "properties": properties}


def _rendered(drawing: folium.Map) -> dict[str, str]:
    root: Any = drawing.get_root()
    root.render()
    return {name: getattr(root, name).render() for name in ("header", "html", "script")}


@cache
def _environment() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader(Path(__file__).with_name("templates"))
    return jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
