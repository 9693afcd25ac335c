// The map beside the list: where one sets out, the places, the ways on foot. It is loaded when it is wanted.
// Below this zoom a finger covers more than a hundred metres: no point is taken, the map comes nearer.
const AIM_ZOOM = 14;
const part = document.getElementById("map-part");
let opening = null;
let shown = null;
let pins = [];

export const isOpen = () => !part.hidden;

// Keeps what is to be drawn; draws it when the map is open, or is to be opened.
export async function draw({ open, ...answer }) {
  shown = { ...answer, chosen: null };
  if (open) await toggleMap(true);
}

export async function toggleMap(open = !isOpen()) {
  part.hidden = !open;
  if (!open) return;
  const tools = await start();
  if (tools && shown) paint(tools);
}

export async function focusOn(number) {
  if (!shown) return;
  shown.chosen = number;
  const tools = isOpen() && (await start());
  if (!tools) return;
  tools.addRoutes(tools.map, ways());
  pins[1]?.select(number - 1);
  const way = shown.routes[number - 1] ?? [shown.origin, shown.places[number - 1]];
  fit(tools.map, way);
}

// Lets somebody choose a point, by a tap or by the middle of the map: -> {lon, lat}, or null.
export async function choosePoint() {
  const before = isOpen();
  const bar = part.querySelector(".choosing");
  part.hidden = bar.hidden = false;
  part.classList.add("aiming");
  part.scrollIntoView({ block: "nearest" });
  const point = await picked(bar);
  part.classList.remove("aiming");
  bar.hidden = true;
  part.hidden = !before;
  return point;
}

function picked(bar) {
  const [centre, leave] = bar.querySelectorAll("button");
  const away = new AbortController();
  const nearer = bar.querySelector("#nearer");
  centre.disabled = nearer.hidden = true;
  leave.focus();
  return new Promise((resolve) => {
    const done = (point) => { away.abort(); resolve(point); };
    leave.addEventListener("click", () => done(null), { signal: away.signal });
    start().then((tools) => {
      if (!tools || away.signal.aborted) return;
      const at = (point) => {
        const { lng, lat } = point;
        if (tools.map.getZoom() >= AIM_ZOOM) return done({ lon: lng, lat });
        tools.map.jumpTo({ center: point, zoom: AIM_ZOOM + 1 });
        nearer.hidden = false;
      };
      const tapped = tools.map.on("click", ({ lngLat }) => at(lngLat));
      away.signal.addEventListener("abort", () => tapped.unsubscribe());
      centre.addEventListener("click", () => at(tools.map.getCenter()), { signal: away.signal });
      centre.disabled = false;
    });
  });
}

function start() {
  opening ??= load();
  return opening;
}

async function load() {
  const tools = await import("/static/map.mjs");
  const map = await tools.openMap(document.getElementById("map"), shown ? { bounds: around(everything()) } : {});
  return map && { ...tools, map };
}

function paint({ map, addMarkers, addRoutes }) {
  for (const pin of pins) pin.remove();
  const { origin, places, names, words, onSelect } = shown;
  const here = { lon: origin[0], lat: origin[1], label: words.here, text: words.start };
  pins = [
    addMarkers(map, [here]),
    addMarkers(map, places.map(([lon, lat], index) => ({ lon, lat, label: String(index + 1), text: names[index] })), { onSelect: (_, index) => onSelect(index + 1) }),
  ];
  addRoutes(map, ways());
  fit(map, everything());
}

function ways() {
  const lines = shown.routes.map((path, index) => path && { type: "Feature", properties: { selected: shown.chosen === index + 1 }, geometry: { type: "LineString", coordinates: path } });
  return { type: "FeatureCollection", features: lines.filter(Boolean) };
}

const everything = () => [shown.origin, ...shown.places];

function around(points) {
  const [lon, lat] = [points.map((point) => point[0]), points.map((point) => point[1])];
  return [Math.min(...lon), Math.min(...lat), Math.max(...lon), Math.max(...lat)];
}

function fit(map, points) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  map.resize();
  map.fitBounds(around(points), { padding: { top: 56, bottom: 72, left: 40, right: 56 }, maxZoom: 17, animate: !still });
}
