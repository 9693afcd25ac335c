// One map for every page: our own tiles, our own look, nothing asked of any other host.
import { FIRST_NAME, colours, onScheme, recolour, schemeColours, styleOf } from "/static/mapstyle.mjs";

export { schemeColours, colours, onScheme };

const VENDOR = "/static/vendor/maplibre-gl";
const SLOW_MILLISECONDS = 4000;
// The edges of thousands of sections are a haze from afar.
const FINE_ZOOM = 11.5;
const LEVELS = ["municipality", "municipio", "nil", "section"];

// -> the map, ready for sources and layers; or null, and the element says why there is none.
export async function openMap(element, { center, zoom, bounds, fitPadding = 24, areas = false } = {}) {
  try {
    const [library] = await Promise.all([load(), sheet(`${VENDOR}/maplibre-gl.css`), sheet("/static/map.css")]);
    const map = drawn(library, element, { center, zoom, bounds, fitPadding, areas });
    await map.once("style.load");
    return map;
  } catch (error) {
    console.warn("no map:", error.message);
    element.replaceChildren(sentence("no-map", element.dataset.noMap));
    element.classList.add("empty");
    return null;
  }
}

// Numbered buttons on the map, one a feature: {lon, lat, label, text, colour}.
export function addMarkers(map, features, { onSelect } = {}) {
  const buttons = features.map(({ label, text, colour }, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "pin";
    button.textContent = label;
    button.setAttribute("aria-label", `${label}. ${text}`);
    button.title = text;
    if (colour) button.style.setProperty("--pin", colour);
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      onSelect?.(features[index], index);
    });
    return button;
  });
  const markers = features.map(({ lon, lat }, index) =>
    new map.prossima.Marker({ element: buttons[index], anchor: "bottom", offset: [0, -6] }).setLngLat([lon, lat]).addTo(map));
  return {
    buttons,
    select: (chosen) => buttons.forEach((button, index) => button.classList.toggle("chosen", index === chosen)),
    remove: () => markers.forEach((marker) => marker.remove()),
  };
}

// Ways on foot: a collection of lines, of which the one with `selected` stands out.
export function addRoutes(map, collection) {
  const held = map.getSource("routes");
  if (held) return void held.setData(collection);
  map.addSource("routes", { type: "geojson", data: collection });
  const chosen = ["boolean", ["get", "selected"], false];
  const way = (id, width, paint) => map.addLayer({
    id, type: "line", source: "routes", layout: { "line-cap": "round", "line-join": "round", "line-sort-key": ["to-number", chosen] },
    paint: { "line-width": ["case", chosen, width[0], width[1]], ...paint },
  });
  const paint = (c) => ({
    "routes-casing": { "line-color": c.paper },
    routes: { "line-color": ["case", chosen, c.accent, c.route] },
  });
  way("routes-casing", [9, 6], paint(colours())["routes-casing"]);
  way("routes", [5, 3], paint(colours()).routes);
  whenScheme(map, (c) => {
    for (const [id, of] of Object.entries(paint(c))) map.setPaintProperty(id, "line-color", of["line-color"]);
  });
}

// Areas of one level to be coloured, under the names; needs openMap(…, {areas: true}).
export function addAreas(map, level, { onSelect, onHover } = {}) {
  const fine = level === "section";
  const before = map.getLayer(FIRST_NAME) ? FIRST_NAME : undefined;
  const layer = { source: "areas", "source-layer": level };
  const state = (name) => ["boolean", ["feature-state", name], false];
  const colour = ["to-color", ["feature-state", "colour"], "rgba(0, 0, 0, 0)"];
  // From afar a section has no edge to be marked by: it is marked whole.
  const body = (c) => (fine ? ["step", ["zoom"], ["case", ["any", state("chosen"), state("hovered")], c.ink, colour], FINE_ZOOM, colour] : colour);
  const paint = (c) => ({
    "line-color": ["case", state("chosen"), c.ink, state("hovered"), c.ink, c.line],
    "line-opacity": ["case", ["any", state("chosen"), state("hovered")], 1, fine ? 0.25 : 0.6],
    "line-width": ["case", state("chosen"), 3, state("hovered"), 2, fine ? 0.4 : 1],
  });
  map.addLayer({ id: `fill-${level}`, type: "fill", ...layer, paint: { "fill-antialias": !fine, "fill-color": body(colours()), "fill-opacity": 0.72 } }, before);
  map.addLayer({ id: `edge-${level}`, type: "line", ...layer, minzoom: fine ? FINE_ZOOM : 0, paint: paint(colours()) }, before);
  whenScheme(map, (c) => {
    if (!map.getLayer(`edge-${level}`)) return;
    map.setPaintProperty(`edge-${level}`, "line-color", paint(c)["line-color"]);
    map.setPaintProperty(`fill-${level}`, "fill-color", body(c));
  });
  listen(map, level, onSelect, onHover);
}

// Colours by area: a Map or object of area_id to a CSS colour.
export function colourAreas(map, level, colourOf) {
  map.removeFeatureState({ source: "areas", sourceLayer: level });
  const entries = colourOf instanceof Map ? colourOf : Object.entries(colourOf);
  for (const [id, colour] of entries) map.setFeatureState({ source: "areas", sourceLayer: level, id }, { colour });
}

// Marks one area: state is "chosen" or "hovered"; null marks none.
export function markArea(map, level, state, id) {
  const marks = (map.prossima.marks[level] ??= {});
  const target = (of) => ({ source: "areas", sourceLayer: level, id: of });
  if (marks[state] != null) map.setFeatureState(target(marks[state]), { [state]: false });
  if (id != null) map.setFeatureState(target(id), { [state]: true });
  marks[state] = id;
}

export function removeAreas(map, level) {
  for (const id of [`fill-${level}`, `edge-${level}`]) if (map.getLayer(id)) map.removeLayer(id);
}

function listen(map, level, onSelect, onHover) {
  const layer = `fill-${level}`;
  const hover = (id) => {
    if (map.prossima.marks[level]?.hovered === id) return;
    markArea(map, level, "hovered", id);
    onHover?.(id);
  };
  map.on("mousemove", layer, (event) => hover(event.features[0].id));
  map.on("mouseleave", layer, () => hover(null));
  if (onSelect) map.on("click", layer, (event) => onSelect(event.features[0].properties));
}

async function load() {
  const library = await import(`${VENDOR}/maplibre-gl.mjs`);
  library.setWorkerUrl(new URL(`${VENDOR}/maplibre-gl-worker.mjs`, location.origin).href);
  // Names are drawn with the fonts of the page, which must be there before the first of them is.
  await Promise.allSettled([document.fonts.load('12px "Titillium Web"'), document.fonts.load('bold 12px "Titillium Web"')]);
  return library;
}

function sheet(href) {
  if (document.querySelector(`link[href="${href}"]`)) return null;
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
  return new Promise((resolve, reject) => {
    link.addEventListener("load", resolve);
    link.addEventListener("error", () => reject(new Error(href)));
    document.head.append(link);
  });
}

function drawn({ Map: Canvas, Marker, NavigationControl, ScaleControl }, element, asked) {
  const { words, bounds, ...given } = element.dataset;
  const said = JSON.parse(words);
  const extent = bounds.split(",").map(Number);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = new Canvas({
    container: element.querySelector(".map-canvas"),
    style: styleOf(sources(given, asked.areas)),
    ...position(asked, extent),
    maxBounds: widened(extent),
    minZoom: 9,
    maxZoom: 18.5,
    attributionControl: false,
    // One finger scrolls the page; two move the map.
    cooperativeGestures: matchMedia("(pointer: coarse)").matches,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: still ? 0 : 200,
    locale: said,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  const [start, end] = document.dir === "rtl" ? ["right", "left"] : ["left", "right"];
  map.addControl(new NavigationControl({ showCompass: false }), `top-${end}`);
  map.addControl(new ScaleControl({ unit: "metric" }), `bottom-${start}`);
  map.prossima = { Marker, marks: {}, onScheme: [() => recolour(map)] };
  attend(map, element);
  return map;
}

// A tile that does not come is told in words once, not as an error of the page.
function attend(map, element) {
  const note = sentence("map-note", element.dataset.slow, "status");
  const waiting = setTimeout(() => map.areTilesLoaded() || element.append(note), SLOW_MILLISECONDS);
  map.once("idle", () => { clearTimeout(waiting); note.remove(); });
  map.on("error", ({ error, sourceId }) => { if (!sourceId) console.warn("map:", error?.message); });
  onScheme((c) => { for (const act of map.prossima.onScheme) act(c); });
}

function whenScheme(map, act) {
  map.prossima.onScheme.push(act);
}

function sources({ edition, basemap, areas, attribution }, wanted) {
  const of = (name, zooms, more) => {
    const [minzoom, maxzoom] = zooms.split(",").map(Number);
    return { type: "vector", tiles: [`${location.origin}/tiles/${name}/{z}/{x}/{y}.mvt?v=${edition}`], minzoom, maxzoom, ...more };
  };
  const promoteId = Object.fromEntries(LEVELS.map((level) => [level, "area_id"]));
  return {
    ...(basemap && { basemap: of("basemap", basemap, { attribution }) }),
    ...(areas && wanted && { areas: of("areas", areas, { promoteId }) }),
  };
}

function position({ center, zoom, bounds, fitPadding }, extent) {
  if (center) return { center, zoom: zoom ?? 15 };
  return { bounds: bounds ?? extent, fitBoundsOptions: { padding: fitPadding, maxZoom: 17 } };
}

function widened([west, south, east, north]) {
  const [dx, dy] = [(east - west) * 2.5, (north - south) * 2.5];
  return [west - dx, south - dy, east + dx, north + dy];
}

function sentence(kind, text, role = "note") {
  const said = document.createElement("p");
  said.className = kind;
  said.setAttribute("role", role);
  said.textContent = text;
  return said;
}
