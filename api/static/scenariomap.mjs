// The map of a scenario: services as circles to choose and to drag, what changes numbered as in the list.
import { addAreas, colourAreas, colours, onScheme, openMap } from "/static/map.mjs";

const NEAR_PIXELS = 12;
const EMPTY = { type: "FeatureCollection", features: [] };
const STATES = {
  light: { standing: "#455b71", closed: "#a3142a", moved: "#8a4b00", added: "#0055b3", proposed: "#00632f", here: "#17324d", more: "#0072b2", less: "#d55e00" },
  dark: { standing: "#b4c3d1", closed: "#ffb3bd", moved: "#ffd591", added: "#8cc0ff", proposed: "#8fdcae", here: "#ffffff", more: "#56b4e9", less: "#e69f00" },
};
const inks = () => STATES[matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"];
const point = ({ lon, lat }, properties) => ({ type: "Feature", geometry: { type: "Point", coordinates: [lon, lat] }, properties });
const placed = ({ lng, lat }) => ({ lon: lng, lat });
const collection = (features) => ({ type: "FeatureCollection", features });

// -> {show, colour, look, centre}; null where no map can be drawn: the lists do all that it does.
export async function drawScenario(element, { onChoose, onPoint, onDrag }) {
  const map = await openMap(element, { areas: true });
  if (!map) return null;
  const nil = Boolean(map.getSource("areas"));
  if (nil) addAreas(map, "nil");
  layers(map);
  pointer(map, { onChoose, onPoint, onDrag });
  let differences = [];
  const paint = () => nil && colourAreas(map, "nil", differences.map(([id, gain]) => [id, gain > 0 ? inks().more : gain < 0 ? inks().less : null]).reduce((held, [id, colour]) => (colour ? { ...held, [id]: colour } : held), {}));
  onScheme(() => { layers(map); paint(); });
  return {
    show: (services, proposed, here) => {
      const shifts = services.filter((one) => one.was).map((one) => ({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: [one.was, [one.lon, one.lat]] } }));
      map.getSource("shifts").setData(collection(shifts));
      map.getSource("scenario").setData(collection([
        ...services.map((one) => point(one, { id: one.id, state: one.state, number: one.number, chosen: one.chosen })),
        ...proposed.filter((one) => !one.adopted).map((one, index) => point(one, { state: "proposed", number: String.fromCharCode(65 + (index % 26)) })),
        ...(here ? [point(here, { state: "here", number: "" })] : []),
      ]));
    },
    colour: (told) => {
      differences = told;
      paint();
      document.getElementById("scenario-key").hidden = !nil || !told.length;
    },
    look: ({ lon, lat }) => map.easeTo({ center: [lon, lat], zoom: Math.max(map.getZoom(), 14), animate: !matchMedia("(prefers-reduced-motion: reduce)").matches }),
    centre: () => placed(map.getCenter()),
  };
}

function layers(map) {
  const ink = inks();
  const state = ["get", "state"];
  const colour = ["match", state, ...["standing", "closed", "moved", "added", "proposed"].flatMap((name) => [name, ink[name]]), ink.here];
  const hollow = ["in", state, ["literal", ["closed", "proposed", "here"]]];
  const marked = ["!=", ["get", "number"], ""];
  const large = ["any", marked, ["==", state, "here"]];
  const paints = {
    shifts: { "line-color": ink.moved, "line-width": 2, "line-dasharray": [2, 2] },
    scenario: {
      "circle-radius": ["interpolate", ["linear"], ["zoom"], 10, ["case", large, 11, 3.5], 14, ["case", large, 11, 7]],
      "circle-color": ["case", hollow, colours().paper, colour],
      "circle-stroke-color": ["case", hollow, colour, ["get", "chosen"], colours().ink, colours().paper],
      "circle-stroke-width": ["case", ["boolean", ["get", "chosen"], false], 4, hollow, 3, 1.5],
    },
    "scenario-number": { "text-color": ["case", hollow, colour, colours().paper] },
  };
  if (!map.getSource("scenario")) {
    map.addSource("shifts", { type: "geojson", data: EMPTY });
    map.addSource("scenario", { type: "geojson", data: EMPTY });
    map.addLayer({ id: "shifts", type: "line", source: "shifts" });
    map.addLayer({ id: "scenario", type: "circle", source: "scenario", layout: { "circle-sort-key": ["case", marked, 1, 0] } });
    map.addLayer({ id: "scenario-number", type: "symbol", source: "scenario", filter: marked, layout: { "text-field": ["get", "number"], "text-font": ["Titillium Web"], "text-size": 13, "text-allow-overlap": true } });
  }
  for (const [layer, paint] of Object.entries(paints)) for (const [name, value] of Object.entries(paint)) map.setPaintProperty(layer, name, value);
}

// A tap chooses what is near, or points to a place; a drag moves a service.
function pointer(map, { onChoose, onPoint, onDrag }) {
  const canvas = map.getCanvas();
  const at = ({ x, y }) => map.queryRenderedFeatures([[x - NEAR_PIXELS, y - NEAR_PIXELS], [x + NEAR_PIXELS, y + NEAR_PIXELS]], { layers: ["scenario"] }).map((one) => one.properties).find((one) => one.id);
  let held = null;
  const press = (event) => {
    if (event.points?.length > 1) { held = null; return; }
    const service = at(event.point);
    if (!service || service.state === "closed") return;
    event.preventDefault();
    held = { id: service.id, from: event.point, moved: false };
  };
  const drag = (event) => {
    if (!held) { canvas.style.cursor = at(event.point) ? "pointer" : "crosshair"; return; }
    held.moved ||= held.from.dist(event.point) > NEAR_PIXELS / 2;
    if (held.moved) { canvas.style.cursor = "grabbing"; ghost(map, event.lngLat); }
  };
  const drop = (event) => {
    const { id, moved } = held ?? {};
    held = null;
    ghost(map, null);
    if (moved) onDrag(id, placed(event.lngLat));
  };
  for (const [name, act] of [["mousedown", press], ["touchstart", press], ["mousemove", drag], ["touchmove", drag], ["mouseup", drop], ["touchend", drop]]) map.on(name, act);
  map.on("click", (event) => {
    const service = at(event.point);
    if (service) onChoose(service.id);
    else onPoint(placed(event.lngLat));
  });
}

// Where a service would stand if it were let go.
function ghost(map, place) {
  if (!map.getSource("ghost")) {
    map.addSource("ghost", { type: "geojson", data: EMPTY });
    map.addLayer({ id: "ghost", type: "circle", source: "ghost", paint: { "circle-radius": 11, "circle-opacity": 0.6, "circle-color": inks().moved } });
  }
  map.getSource("ghost").setData(place ? collection([point(placed(place), {})]) : EMPTY);
}
