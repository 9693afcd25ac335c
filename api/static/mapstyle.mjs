// The look of our own map: pale by day, dim by night, so that what is laid on it speaks.
export const schemeColours = {
  light: {
    ground: "#f4f5f2", outside: "#e9ebe8", water: "#c3d7e6", green: "#dbe7d3", built: "#e6e3dd",
    road: "#ffffff", casing: "#d5d8d6", path: "#c9cdc6", rail: "#b3b8bd", metro: "#8b98a6",
    border: "#8090a0", text: "#3c4a57", soft: "#667480", halo: "#f7f8f6",
    ink: "#17324d", paper: "#ffffff", accent: "#0055b3", route: "#7d8ea0", line: "#5c6f82",
  },
  dark: {
    ground: "#15222e", outside: "#101b25", water: "#1f3d55", green: "#1b3029", built: "#1d2b38",
    road: "#2f4152", casing: "#1a2733", path: "#2b3b47", rail: "#475766", metro: "#66788a",
    border: "#6d8194", text: "#c3d0dc", soft: "#93a4b4", halo: "#15222e",
    ink: "#e8eef4", paper: "#10202f", accent: "#8cc0ff", route: "#7f93a6", line: "#8ea2b5",
  },
};

const night = () => matchMedia("(prefers-color-scheme: dark)");

export const colours = () => schemeColours[night().matches ? "dark" : "light"];

export function onScheme(act) {
  night().addEventListener("change", () => act(colours()));
}

const FONT = ["Titillium Web"];
const BOLD = ["Titillium Web Bold", "Titillium Web"];
const grows = (...stops) => ["interpolate", ["exponential", 1.5], ["zoom"], ...stops];
const among = (...kinds) => ["in", ["get", "kind"], ["literal", kinds]];

const line = (id, layer, filter, colour, width, more = {}) => ({
  id, type: "line", source: "basemap", "source-layer": layer, filter, ...more,
  layout: { "line-cap": "round", "line-join": "round" },
  paint: { "line-color": colour, "line-width": width, ...more.paint },
});

const fill = (id, layer, filter, colour) => ({
  id, type: "fill", source: "basemap", "source-layer": layer, filter,
  paint: { "fill-color": colour },
});

const label = (id, layer, filter, minzoom, c, layout, colour = c.text) => ({
  id, type: "symbol", source: "basemap", "source-layer": layer, filter, minzoom,
  layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 12, "text-max-width": 8, ...layout },
  paint: { "text-color": colour, "text-halo-color": c.halo, "text-halo-width": 1.6 },
});

const surfaces = (c) => [
  fill("green", "green", true, c.green),
  fill("water", "water", ["==", ["geometry-type"], "Polygon"], c.water),
  line("stream", "water", ["==", ["geometry-type"], "LineString"], c.water, grows(11, 0.6, 16, 3)),
];

const ways = (c) => {
  const main = ["==", ["get", "main"], true];
  const street = ["==", ["get", "kind"], "street"];
  const minor = ["all", street, ["!=", ["get", "main"], true]];
  return [
    line("path", "road", among("footpath", "cycle", "steps"), c.path, grows(14, 0.6, 18, 2), { minzoom: 14, paint: { "line-dasharray": [2, 1.5] } }),
    line("road-casing", "road", street, c.casing, grows(12, 0.8, 15, 7, 18, 24), { minzoom: 13 }),
    line("main-low", "road", main, c.casing, grows(9, 0.5, 13, 3), { maxzoom: 13 }),
    line("road-minor", "road", minor, c.road, grows(12, 0.5, 15, 4, 18, 20), { minzoom: 13 }),
    line("road-main", "road", main, c.road, grows(10, 0.5, 12, 1.2, 15, 6, 18, 24), { minzoom: 10 }),
    line("rail", "rail", among("rail"), c.rail, grows(10, 0.5, 14, 1.2, 18, 3)),
    line("tram", "rail", among("tram"), c.rail, grows(14, 0.4, 18, 1.5), { minzoom: 14 }),
    line("metro", "rail", among("metro"), c.metro, grows(10, 0.8, 14, 1.8, 18, 4), { paint: { "line-dasharray": [2.5, 1.5] } }),
  ];
};

const borders = (c) => [
  line("border-nil", "border", ["==", ["get", "level"], "nil"], c.border, grows(11, 0.4, 16, 1.4), { minzoom: 11.5, paint: { "line-dasharray": [1, 2], "line-opacity": 0.7 } }),
  line("border-municipio", "border", ["==", ["get", "level"], "municipio"], c.border, grows(9, 0.8, 16, 3), { paint: { "line-opacity": 0.6 } }),
];

const names = (c) => [
  label("name-premises", "place", among("school", "health", "office", "sport"), 15.5, c, { "text-size": 11 }, c.soft),
  label("name-street", "road", ["has", "name"], 14, c, { "symbol-placement": "line", "text-size": grows(14, 10, 18, 14), "symbol-spacing": 320 }),
  label("name-main-street", "road", ["==", ["get", "main"], true], 12.5, c, { "symbol-placement": "line", "text-size": grows(12, 10, 18, 15), "symbol-spacing": 400 }),
  label("name-green", "place", among("park"), 13.5, c, { "text-size": 11.5 }, c.soft),
  {
    ...label("station", "station", true, 12.5, c, { "text-size": 12, "text-anchor": "top", "text-offset": [0, 0.5], "text-optional": true }),
  },
  {
    id: "station-dot", type: "circle", source: "basemap", "source-layer": "station", minzoom: 11.5,
    paint: { "circle-radius": grows(11, 1.6, 16, 5), "circle-color": c.halo, "circle-stroke-color": c.metro, "circle-stroke-width": 1.5 },
  },
  label("name-nil", "place", ["==", ["get", "kind"], "nil"], 11.5, c, { "text-size": grows(11, 10, 15, 14), "text-transform": "uppercase", "text-letter-spacing": 0.08, "text-max-width": 7 }, c.soft),
  { ...label("name-municipio", "place", ["==", ["get", "kind"], "municipio"], 9, c, { "text-font": BOLD, "text-size": 13 }), maxzoom: 12.5 },
];

// The layer before which what is coloured by area is laid: names stay readable above it.
export const FIRST_NAME = "name-premises";

// Without a background the map is plain: what is laid on it, and its frame of reference, remain.
export function styleOf(sources) {
  const c = colours();
  const layers = [{ id: "ground", type: "background", paint: { "background-color": c.ground } }];
  if (sources.basemap) layers.push(...surfaces(c), ...ways(c), ...borders(c), ...names(c));
  return { version: 8, sources, layers };
}

// Another scheme is other colours of the same layers: those that a page has added stay.
export function recolour(map) {
  for (const layer of styleOf(map.getStyle().sources).layers)
    for (const [name, value] of Object.entries(layer.paint))
      if (map.getLayer(layer.id)) map.setPaintProperty(layer.id, name, value);
}
