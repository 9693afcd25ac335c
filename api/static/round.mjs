// The map beside the rounds: it is loaded when somebody wants it, and on a desk at once.
const told = document.getElementById("rounds");
const part = document.getElementById("map-part");
const buttons = [...document.querySelectorAll(".show")];
let opening = null;
let pins = [];

document.documentElement.classList.add("scripted");
if (told && part) begin(JSON.parse(told.textContent), JSON.parse(document.getElementById("words").textContent));

function begin(drawn, words) {
  for (const button of buttons) button.addEventListener("click", () => show(drawn, words, Number(button.dataset.round), true));
  if (matchMedia("(min-width: 60rem)").matches) show(drawn, words, 1, false);
}

async function show({ origin, rounds }, words, number, moved) {
  part.hidden = false;
  for (const button of buttons) button.setAttribute("aria-pressed", String(Number(button.dataset.round) === number));
  const { stops, names, lines } = rounds[number - 1];
  const points = [origin, ...stops, ...lines.filter(Boolean).flat()];
  const tools = await (opening ??= load(around(points)));
  if (moved) part.scrollIntoView({ block: "nearest" });
  if (!tools) return;
  for (const pin of pins) pin.remove();
  pins = [
    tools.addMarkers(tools.map, [{ lon: origin[0], lat: origin[1], label: words.here, text: words.start }]),
    tools.addMarkers(tools.map, stops.map(([lon, lat], index) => ({ lon, lat, label: String(index + 1), text: names[index] }))),
  ];
  tools.addRoutes(tools.map, {
    type: "FeatureCollection",
    features: lines.filter(Boolean).map((coordinates) => ({ type: "Feature", properties: { selected: true }, geometry: { type: "LineString", coordinates } })),
  });
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  tools.map.resize();
  tools.map.fitBounds(around(points), { padding: 56, maxZoom: 17, animate: moved && !still });
}

async function load(bounds) {
  const tools = await import("/static/map.mjs");
  const map = await tools.openMap(document.getElementById("map"), { bounds });
  return map && { ...tools, map };
}

function around(points) {
  const [lon, lat] = [points.map((point) => point[0]), points.map((point) => point[1])];
  return [Math.min(...lon), Math.min(...lat), Math.max(...lon), Math.max(...lat)];
}
