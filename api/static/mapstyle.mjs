// The look of our own map: pale by day, dim by night, so that what is laid on it speaks.
export const schemeColours = {
  light: {
    ground: "#eeefeb", water: "#c3d7e6", green: "#d6e5cd",
    road: "#ffffff", casing: "#d3d6d3", path: "#c3c8c0", rail: "#b9bec2", metro: "#7d8fa3",
    border: "#8090a0", text: "#3c4a57", soft: "#667480", halo: "#f5f6f3",
    ink: "#17324d", paper: "#ffffff", accent: "#0055b3", route: "#7d8ea0", line: "#5c6f82",
  },
  dark: {
    ground: "#15222e", water: "#1f3d55", green: "#1b3029",
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
const is = (name, value) => ["==", ["get", name], value];

const fill = (layer, colour) => ({ id: layer, type: "fill", source: "basemap", "source-layer": layer, paint: { "fill-color": colour } });

const line = (id, layer, colour, width, { dashes, opacity, ...more } = {}) => ({
  id, type: "line", source: "basemap", "source-layer": layer, ...more,
  layout: { "line-cap": dashes ? "butt" : "round", "line-join": "round" },
  paint: { "line-color": colour, "line-width": width, ...(dashes && { "line-dasharray": dashes }), ...(opacity && { "line-opacity": opacity }) },
});

const label = (id, layer, c, layout, { colour = c.text, ...more } = {}) => ({
  id, type: "symbol", source: "basemap", "source-layer": layer, ...more,
  layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 12, "text-max-width": 8, ...layout },
  paint: { "text-color": colour, "text-halo-color": c.halo, "text-halo-width": 1.6 },
});

const surfaces = (c) => [
  fill("green", c.green),
  fill("water", c.water),
  line("stream", "stream", c.water, grows(12, 0.6, 16, 3)),
];

const ways = (c) => [
  line("path", "path", c.path, grows(14, 0.8, 18, 2.5), { minzoom: 14, dashes: [2, 1.2] }),
  line("street-casing", "street", c.casing, grows(13, 1.8, 15, 5.5, 18, 21), { minzoom: 13 }),
  line("road-casing", "road", c.casing, grows(9, 0.6, 12, 2.6, 15, 8, 18, 26)),
  line("street-low", "street", c.road, grows(12, 0.6, 13, 1.2), { maxzoom: 13 }),
  line("street", "street", c.road, grows(13, 1.2, 15, 4, 18, 19), { minzoom: 13 }),
  line("road", "road", c.road, grows(11, 0.5, 12, 1.4, 15, 6.5, 18, 24), { minzoom: 11 }),
  line("rail", "rail", c.rail, grows(9, 0.3, 14, 0.9, 18, 3)),
  line("tram", "tram", c.rail, grows(13, 0.4, 18, 1.5), { minzoom: 13.5, opacity: 0.7 }),
  line("metro", "metro", c.metro, grows(10, 0.8, 14, 2, 18, 5), { dashes: [3, 1], opacity: 0.55 }),
];

const borders = (c) => [
  line("border-nil", "border", c.border, grows(11, 0.5, 16, 1.6), { filter: is("level", "nil"), minzoom: 11.5, dashes: [2, 2], opacity: 0.7 }),
  line("border-municipio", "border", c.border, grows(9, 0.9, 16, 3), { filter: ["!=", ["get", "level"], "nil"], opacity: 0.6 }),
];

const along = { "symbol-placement": "line", "text-max-angle": 30 };

// The later a name stands here, the earlier it is placed.
const names = (c) => [
  label("name-premises", "premises", c, { "text-size": 11 }, { minzoom: 15.5, colour: c.soft }),
  label("name-path", "path", c, { ...along, "text-size": 10.5, "symbol-spacing": 320 }, { minzoom: 16, colour: c.soft }),
  label("name-street", "street", c, { ...along, "text-size": grows(14, 10.5, 18, 14), "symbol-spacing": 320 }, { minzoom: 14 }),
  label("name-road", "road", c, { ...along, "text-size": grows(12, 10.5, 18, 15), "symbol-spacing": 400 }, { minzoom: 12.5 }),
  label("name-metro", "metro", c, { "symbol-placement": "line", "text-field": ["concat", "M", ["get", "name"]], "text-font": BOLD, "text-size": 11, "symbol-spacing": 350, "text-rotation-alignment": "viewport" },
    { filter: ["!=", ["get", "name"], ""], minzoom: 12 }),
  label("name-park", "place", c, { "text-size": 11.5 }, { filter: is("kind", "park"), minzoom: 13.5, colour: c.soft }),
  label("name-station", "station", c, { "text-anchor": "top", "text-offset": [0, 0.5] }, { minzoom: 12.5 }),
  {
    id: "station", type: "circle", source: "basemap", "source-layer": "station", minzoom: 11.5,
    paint: { "circle-radius": grows(11, 1.6, 16, 5), "circle-color": c.halo, "circle-stroke-color": c.metro, "circle-stroke-width": 1.5 },
  },
  label("name-nil", "place", c, { "text-size": grows(11, 10, 15, 14), "text-transform": "uppercase", "text-letter-spacing": 0.08, "text-max-width": 7 },
    { filter: is("kind", "nil"), minzoom: 11.5, maxzoom: 15.5 }),
  label("name-municipio", "place", c, { "text-font": BOLD, "text-size": 13, "text-variable-anchor": ["center", "top", "bottom", "left", "right"], "text-padding": 0 }, { filter: is("kind", "municipio"), maxzoom: 12.5 }),
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
  for (const { id, paint } of styleOf(map.getStyle().sources).layers)
    for (const [name, value] of Object.entries(paint)) map.setPaintProperty(id, name, value);
}
