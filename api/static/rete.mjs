// The planner's page: the address is the state; what changes is fetched, the map is coloured anew.
import { addAreas, colourAreas, markArea, openMap } from "/static/map.mjs";
import { picture } from "/static/picture.mjs";

const at = (id) => document.getElementById(id);
const words = JSON.parse(at("words").textContent);
const form = at("choices");
const PLATES = [
  { element: at("map"), readout: at("readout"), of: (values) => values },
  { element: at("map2"), readout: at("readout2"), of: (values) => values.other },
];
const STREETS_ZOOM = 13;
const LATE_MILLISECONDS = 300;
let values = null;
let asking = null;

document.documentElement.classList.add("scripted");
form.addEventListener("change", () => show(addressOf(form)));
form.addEventListener("submit", (event) => { event.preventDefault(); show(addressOf(form)); });
document.addEventListener("click", follow);
for (const kind of ["mouseover", "focusin"]) at("figures").addEventListener(kind, ({ target }) => hover(target.closest("tr[data-area]")?.dataset.area));
at("figures").addEventListener("mouseleave", () => hover(null));
offerTools();
await paint().then(() => choose({ zoom: true }), () => tell(words.gone, true));

// The map of the page, for whatever is drawn on it; null where there is none.
export const mainMap = () => PLATES[0].map ?? null;

function addressOf(source) {
  const asked = new URLSearchParams(new FormData(source));
  for (const [name, value] of [...asked]) if (!value) asked.delete(name);
  return new URL(`/rete?${asked}`, location.origin);
}

function follow(event) {
  const link = event.target.closest?.("a[data-soft]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const opens = link.hash === "#scheda";
  show(new URL(link.href), { opens });
}

async function show(address, { opens = false } = {}) {
  asking?.abort();
  const { signal } = asking = new AbortController();
  const focus = focused();
  at("board").setAttribute("aria-busy", "true");
  // A quick answer does not flicker, and paints the table once.
  const late = setTimeout(() => at("board").classList.add("late"), LATE_MILLISECONDS);
  try {
    const answer = await fetch(address, { signal });
    if (answer.status >= 500) throw new Error(answer.status);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    // Of services whose figures are computed anew there is another page.
    if (!fresh.getElementById("board")) return location.assign(address);
    swap(fresh);
    history.replaceState(null, "", address.pathname + address.search + (opens ? address.hash : ""));
    tell(words.ready);
    await paint(signal);
    choose({ zoom: opens });
    refocus(focus, opens);
  } catch (error) {
    // Who was asked after this one is still busy.
    if (error.name === "AbortError") return;
    tell(words.gone, true);
  } finally {
    clearTimeout(late);
  }
  at("board").classList.remove("late");
  at("board").removeAttribute("aria-busy");
}

function swap(fresh) {
  const scrolled = document.querySelector(".figures")?.scrollTop ?? 0;
  for (const part of fresh.querySelectorAll("[data-swap]")) at(part.id).replaceChildren(...part.childNodes);
  for (const hidden of form.querySelectorAll("input[type=hidden]")) hidden.remove();
  form.append(...fresh.querySelectorAll("#choices > input[type=hidden]"));
  const compares = fresh.getElementById("board").classList.contains("beside");
  at("board").classList.toggle("beside", compares);
  at("second").hidden = !compares;
  document.title = fresh.title;
  document.querySelector(".languages ul").replaceWith(fresh.querySelector(".languages ul"));
  document.querySelector(".figures").scrollTop = scrolled;
  offerTools();
}

// Who was in the table with the keyboard stays there, though the table is another.
function focused() {
  const active = document.activeElement;
  const row = active.closest?.("tr[data-area]");
  if (row) return `.figures tr[data-area="${CSS.escape(row.dataset.area)}"] a`;
  const head = active.closest?.(".figures thead th");
  return head && `.figures thead th:nth-child(${head.cellIndex + 1}) a`;
}

function refocus(where, opens) {
  if (opens && !matchMedia("(min-width: 64rem)").matches) return at("scheda")?.focus();
  if (where) document.querySelector(where)?.focus({ preventScroll: true });
}

// The page says what the colours depend on; while that is the same they stay.
async function paint(signal) {
  const { colours, zones } = document.querySelector("h1").dataset;
  if (values?.asked !== colours) {
    const told = JSON.parse(at("values").textContent) ?? (await asked(`/rete/valori.json?${colours}`, signal));
    values = { asked: colours, ...told };
    values.index = new Map(values.area.map((area, number) => [area, number]));
    if (values.edition !== PLATES[0].element.dataset.edition) return location.reload();
    for (const plate of PLATES) await colour(plate);
  }
  await grey(zones && `/rete/zone.geojson?${colours}`, signal);
}

async function asked(address, signal) {
  const answer = await fetch(address, { signal });
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
}

async function colour(plate) {
  const shown = plate.of(values);
  if (!shown) return;
  plate.map ??= await opened(plate);
  if (!plate.map) return still(plate);
  plate.map.resize();
  level(plate);
  const keys = new Map(shown.keys.map((key) => [key.step, key]));
  colourAreas(plate.map, values.level, new Map(values.area.map((area, number) => [area, keys.get(shown.step[number])?.colour])));
  texture(plate.map, shown, keys);
  read(plate, null);
}

async function opened(plate) {
  if (!plate.element.dataset.areas) return null;
  const map = await openMap(plate.element, { areas: true, fitPadding: { top: 16, right: 16, bottom: 60, left: 16 } });
  if (!map) return null;
  thin(map);
  map.on("move", () => together(map));
  if (PLATES[0].map) map.jumpTo({ center: PLATES[0].map.getCenter(), zoom: PLATES[0].map.getZoom() });
  return map;
}

// Under areas streets are hardly seen, and cost most of a frame: they come where they help.
function thin(map) {
  for (const { id, type, source, minzoom = 0, maxzoom = 24 } of map.getStyle().layers) {
    const covered = source === "basemap" && ["fill", "line"].includes(type) && !id.startsWith("border");
    if (covered) map.setLayerZoomRange(id, Math.max(STREETS_ZOOM, minzoom), maxzoom);
  }
}

// Two maps show the same ground.
function together(moved) {
  if (together.busy) return;
  together.busy = true;
  const there = { center: moved.getCenter(), zoom: moved.getZoom() };
  for (const { map } of PLATES) if (map && map !== moved) map.jumpTo(there);
  together.busy = false;
}

// Each level is laid once; the others are hidden.
function level({ map, ...plate }) {
  map.laid ??= new Set();
  if (!map.laid.has(values.level)) {
    map.laid.add(values.level);
    addAreas(map, values.level, { onHover: (id) => hover(id, { find: true }), onSelect: ({ area_id: id }) => select(id) });
    // Nearly opaque: the colours must be those of the legend.
    map.setPaintProperty(`fill-${values.level}`, "fill-opacity", 0.9);
  }
  for (const one of map.laid) {
    for (const part of ["fill", "edge"]) map.setLayoutProperty(`${part}-${one}`, "visibility", one === values.level ? "visible" : "none");
  }
}

// Named classes have a texture too: the same that the legend shows.
function texture(map, shown, keys) {
  for (const { id } of map.getStyle().layers) if (id.startsWith("texture-")) map.removeLayer(id);
  for (const [step, { pattern }] of keys) {
    if (!pattern || step < 0) continue;
    if (!map.hasImage(pattern)) map.addImage(pattern, tile(pattern), { pixelRatio: 2 });
    const areas = values.area.filter((_, number) => shown.step[number] === step);
    map.addLayer({ id: `texture-${pattern}`, type: "fill", source: "areas", "source-layer": values.level,
      filter: ["match", ["get", "area_id"], areas.length ? areas : [""], true, false],
      paint: { "fill-pattern": pattern, "fill-opacity": 0.55 } }, `edge-${values.level}`);
  }
}

function tile(pattern) {
  const side = 16;
  const context = Object.assign(document.createElement("canvas"), { width: side, height: side }).getContext("2d");
  const drawn = document.querySelector(`pattern#${pattern} path`);
  context.scale(side / 8, side / 8);
  context.lineWidth = drawn.getAttribute("stroke-width");
  context.strokeStyle = drawn.getAttribute("stroke");
  context.stroke(new Path2D(drawn.getAttribute("d")));
  return context.getImageData(0, 0, side, side);
}

// Without WebGL, or without tiles, the same map is an image of the server's.
function still(plate) {
  const query = new URLSearchParams(values.asked);
  // Of an older edition there is no image: its numbers are in the table.
  if (plate !== PLATES[0] && !query.get("versus")) return;
  if (plate !== PLATES[0]) query.set("indicator", query.get("versus"));
  query.delete("versus");
  const image = plate.element.querySelector("img") ?? Object.assign(document.createElement("img"), { className: "still" });
  image.alt = plate.of(values).title;
  image.src = `/rete/mappa.svg?${query}`;
  plate.element.querySelector(".map-canvas")?.remove();
  plate.element.append(image);
}

async function grey(wanted, signal) {
  const { map } = PLATES[0];
  if (!map || grey.shown === wanted) return;
  map.getSource("grey")?.setData({ type: "FeatureCollection", features: [] });
  if (wanted) {
    const answer = await fetch(wanted, { signal });
    if (answer.ok) outline(map, await answer.json());
  }
  grey.shown = wanted;
}

function outline(map, data) {
  const held = map.getSource("grey");
  if (held) return held.setData(data);
  map.addSource("grey", { type: "geojson", data });
  map.addLayer({ id: "grey-edge", type: "line", source: "grey", paint: { "line-color": "#000000", "line-width": ["interpolate", ["linear"], ["zoom"], 9.5, 0.5, 13, 2], "line-dasharray": [2, 1] } });
  map.addLayer({ id: "grey-body", type: "fill", source: "grey", paint: { "fill-opacity": 0 } });
  map.on("mousemove", "grey-body", ({ features: [zone] }) => {
    read(PLATES[0], PLATES[0].hovered, `${words.zone}: ${zone.properties.why}`);
  });
}

function hover(id, { find = false } = {}) {
  const known = values?.index.has(id) ? id : null;
  for (const plate of PLATES) {
    if (!plate.map || plate.hovered === known) continue;
    plate.hovered = known;
    markArea(plate.map, values.level, "hovered", known);
    read(plate, known);
  }
  for (const row of document.querySelectorAll(".figures tr.lit")) row.classList.remove("lit");
  const row = known && document.querySelector(`.figures tr[data-area="${CSS.escape(known)}"]`);
  row?.classList.add("lit");
  if (find && row && matchMedia("(min-width: 64rem)").matches) row.closest(".figures").scrollTo({ top: row.offsetTop - 120 });
}

function read(plate, id, more = "") {
  const shown = values && plate.of(values);
  const number = values?.index.get(id);
  if (!shown || number === undefined) return void (plate.readout.textContent = plate === PLATES[0] ? more || words.read : "");
  const name = Object.assign(document.createElement("strong"), { textContent: values.name[number] });
  const kind = plate === PLATES[0] && values.kind ? ` · ${values.kind[number]}` : "";
  plate.readout.replaceChildren(name, `: ${shown.said[number]}${kind}`, ...(more ? [document.createElement("br"), more] : []));
}

function select(id) {
  const asked = addressOf(form);
  asked.searchParams.set("area", `${values.level}:${id}`);
  asked.hash = "#scheda";
  show(asked, { opens: true });
}

// The area whose sheet is open is marked; whoever has just opened it is taken there.
function choose({ zoom = false } = {}) {
  const sheet = at("scheda");
  const mine = sheet && values?.level === sheet.dataset.level ? sheet.dataset.area : null;
  for (const { map } of PLATES) if (map && map.laid?.has(values.level)) markArea(map, values.level, "chosen", mine);
  const row = document.querySelector(".figures tr[aria-current]");
  if (row && zoom) row.closest(".figures").scrollTo({ top: row.offsetTop - 120 });
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (sheet && zoom) PLATES[0].map?.fitBounds(sheet.dataset.extent.split(",").map(Number), { padding: 60, maxZoom: 15, animate: !still });
}

function tell(text, wrong = false) {
  const state = at("state");
  state.className = wrong ? "problem" : "unseen";
  state.textContent = text;
}

function offerTools() {
  const [save, copy] = [at("png"), at("share")];
  save.hidden = !PLATES[0].element.dataset.areas;
  copy.hidden = !navigator.clipboard;
  save.onclick = () => picture(PLATES.filter(({ map, element }) => map && !element.closest("[hidden]")).map((plate) => ({ map: plate.map, ...plate.of(values) })), {
    credit: document.querySelector(".map-credit").textContent, edition: words.edition, address: location.href });
  copy.onclick = async () => { await navigator.clipboard.writeText(location.href); tell(words.copied); };
}
