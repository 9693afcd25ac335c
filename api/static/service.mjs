// The places of a service, or of a list, on our own map; what is on it stands in the page too.
import { addMarkers, openMap } from "/static/map.mjs";

const element = document.getElementById("map");
const pins = JSON.parse(document.getElementById("pins")?.textContent ?? "[]");

if (element && pins.length) {
  const map = await openMap(element, framed(pins));
  if (map) {
    const drawn = addMarkers(map, pins, { onSelect: ({ opens }, index) => { drawn.select(index); show(opens); } });
  }
}

function framed(places) {
  if (places.length === 1) return { center: [places[0].lon, places[0].lat], zoom: 15.5 };
  const [lon, lat] = [places.map((one) => one.lon), places.map((one) => one.lat)];
  return { bounds: [Math.min(...lon), Math.min(...lat), Math.max(...lon), Math.max(...lat)], fitPadding: { top: 56, bottom: 72, left: 28, right: 56 } };
}

function show(id) {
  const target = document.getElementById(id);
  target?.scrollIntoView({ block: "nearest" });
  target?.querySelector("a")?.focus({ preventScroll: true });
}
