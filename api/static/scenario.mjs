// The editor of scenarios. What is done stays in the memory of the page; the map is one way to do it, the lists another.
import { changed, listed, newId, standing, without } from "/static/changes.mjs";
import { drawScenario } from "/static/scenariomap.mjs";

const $ = (id) => document.getElementById(id);
const read = (id) => JSON.parse($(id).textContent);
const data = $("scenario-data") && read("scenario-data");
const words = data && read("scenario-words");
const number = new Intl.NumberFormat(document.documentElement.lang, { numberingSystem: "latn", useGrouping: "always" });
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

const state = { changes: [], before: [], labels: new Map(), here: null, moving: null, chosen: null, told: null, saved: "[]", proposed: [], found: [] };
let map = null;

async function start() {
  state.changes = listed(data.scenario.changes);
  state.saved = JSON.stringify(state.changes);
  state.told = $("scenario-difference") && asked();
  reveal(document);
  wire();
  show();
  adoptable();
  map = await drawScenario($("scenario-map"), { onChoose: choose, onPoint: pointed, onDrag: move });
  $("place-centre").hidden = !map;
  show();
}

// ---- what there is -------------------------------------------------------------------------
const services = () => ($("ask-basis").value === "verified" ? data.services.filter((one) => one.is_verified) : data.services);
const all = () => standing(services(), state.changes);
const find = (id) => all().find((one) => one.id === id);

function nameOf(id) {
  const known = data.services.find((one) => one.id === id);
  if (known) return known.name;
  const number = id.startsWith("nuovo:") ? id.slice(6) : id;
  return fill(words.newSite, { n: number });
}

function placeOf({ id, lon, lat }) {
  const today = data.services.find((one) => one.id === id && one.lon === lon && one.lat === lat);
  const near = (one) => Math.abs(one.lon - lon) < 2e-6 && Math.abs(one.lat - lat) < 2e-6;
  return today?.address ?? state.labels.get(`${lon},${lat}`) ?? data.premises.find(near)?.name ?? `${words.point} (${lat.toFixed(5)}, ${lon.toFixed(5)})`;
}

// The scenario in the words of its file.
function asked() {
  const value = (id) => $(id).value;
  const minutes = Number(value("ask-minutes"));
  return JSON.stringify({
    category: data.category, ...(minutes && { minutes }), profile: value("ask-profile"), basis: value("ask-basis"), weight: value("ask-weight"),
    changes: state.changes,
  }, null, 2);
}

// ---- what is done --------------------------------------------------------------------------
function does(change, said) {
  const next = changed(state.changes, change);
  if (next.length > data.most) return say(fill(words.most, { n: data.most }));
  return becomes(next, fill(said, { name: nameOf(change.service_id) }));
}

function becomes(changes, said) {
  state.before.push(state.changes);
  state.changes = changes;
  show();
  say(said);
}

const move = (id, place) => does({ do: "move", service_id: id, ...spot(place) }, words.moved);
const add = (place, places) => does({ do: "add", service_id: newId(state.changes, data.services), ...spot(place), ...(places !== null && { places }) }, words.added);

// A decimetre is enough; what a place is called is known to the page alone, no file holds it.
function spot({ lon, lat, label }) {
  const [x, y] = [lon, lat].map((degrees) => Number(degrees.toFixed(6)));
  if (label) state.labels.set(`${x},${y}`, label);
  return { lon: x, lat: y };
}

function placesIn(field) {
  const text = field.value.trim();
  const places = text === "" ? null : Number(text);
  const right = places === null || (Number.isInteger(places) && places >= 0);
  field.toggleAttribute("aria-invalid", !right);
  if (!right) { field.setAttribute("aria-invalid", "true"); say(words.badPlaces); field.focus(); }
  return right ? places : undefined;
}

function put() {
  if (!state.here) { say(words.noPlace); return $("place-text").focus(); }
  const places = placesIn($("place-places"));
  if (places === undefined) return undefined;
  const { here, moving } = state;
  if (moving) move(moving, here);
  else add(here, places);
  aim(null);
  return $("place-text").focus();
}

function undo() {
  if (!state.before.length) return;
  state.changes = state.before.pop();
  show();
  say(words.undone);
}

// ---- where ---------------------------------------------------------------------------------
function aim(id) {
  Object.assign(state, { moving: id, here: null, found: [] });
  $("place-title").textContent = id ? fill(words.moveTitle, { name: nameOf(id) }) : words.addTitle;
  $("place-do").textContent = id ? words.moveHere : words.addHere;
  $("place-stop").hidden = !id;
  $("place-places").closest(".row").hidden = Boolean(id);
  $("place-text").value = $("place-places").value = "";
  $("place-list").hidden = true;
  $("place-chosen").textContent = "";
  show();
}

function pointed(place) {
  state.here = place;
  $("place-chosen").textContent = fill(words.chosenPlace, { place: place.label ?? placeOf(place) });
  show();
}

let typing = 0;
let searching = null;
function typed() {
  clearTimeout(typing);
  typing = setTimeout(search, 250);
}

async function search() {
  const text = $("place-text").value.trim();
  searching?.abort();
  if (text.length < 3) { $("place-list").hidden = true; return; }
  searching = new AbortController();
  const parts = plain(text).split(/\s+/);
  const premises = data.premises.filter((one) => parts.every((part) => plain(one.name).includes(part))).slice(0, 20);
  try {
    const answer = await fetch("/v1/geocode", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ address: text, limit: 5 }), signal: searching.signal });
    const addresses = answer.ok ? (await answer.json()).results : [];
    offer(addresses, premises);
  } catch (error) {
    if (error.name === "AbortError") return;
    offer([], premises);
    say(words.offline);
  }
}

function offer(addresses, premises) {
  state.found = [...addresses.map((one) => ({ ...one, label: one.address })), ...premises.map((one) => ({ ...one, label: one.name }))];
  const option = (one) => new Option(one.kind ? `${one.label} · ${one.kind}` : one.label, state.found.indexOf(one));
  const grouped = (label, rows) => {
    const group = Object.assign(document.createElement("optgroup"), { label });
    group.append(...rows.map(option));
    return rows.length ? [group] : [];
  };
  const list = $("place-list");
  list.replaceChildren(...grouped(words.addresses, state.found.slice(0, addresses.length)), ...grouped(words.premises, state.found.slice(addresses.length)));
  list.hidden = !state.found.length;
  list.selectedIndex = -1;
  say(state.found.length ? fill(words.found, { n: state.found.length }) : words.nothingFound);
}

function picked() {
  const place = state.found[$("place-list").value];
  if (!place) return;
  pointed(place);
  map?.look(place);
}

// ---- one service ---------------------------------------------------------------------------
function choose(id, { focus = false } = {}) {
  state.chosen = id;
  show();
  if (focus) { $("chosen").scrollIntoView({ block: "nearest" }); $("chosen-name").focus(); map?.look(find(id)); }
}

function showChosen() {
  const one = state.chosen && find(state.chosen);
  $("chosen").hidden = !one;
  if (!one) return;
  $("chosen-name").textContent = nameOf(one.id);
  const places = one.places === null ? words.placesUnknown : fill(words.places, { n: number.format(one.places) });
  $("chosen-about").textContent = `${placeOf(one)} · ${places}`;
  if (document.activeElement !== $("chosen-places")) $("chosen-places").value = one.places ?? "";
  const closed = one.state === "closed";
  for (const id of ["chosen-move", "chosen-close", "chosen-resize", "chosen-places"]) $(id).disabled = closed;
  $("chosen-open").hidden = !closed;
}

function reopen() {
  const change = state.changes.find((one) => one.do === "close" && one.service_id === state.chosen);
  becomes(without(state.changes, change), fill(words.opened, { name: nameOf(state.chosen) }));
}

function resize() {
  const places = placesIn($("chosen-places"));
  if (places === null) { say(words.badPlaces); return; }
  if (places !== undefined) does({ do: "resize", service_id: state.chosen, places }, words.resized);
}

// ---- what is seen --------------------------------------------------------------------------
function show() {
  const rows = $("changes");
  rows.replaceChildren(...state.changes.map(row));
  $("changes-box").hidden = !state.changes.length;
  $("changes-none").hidden = Boolean(state.changes.length);
  $("undo").disabled = !state.before.length;
  $("save").disabled = $("weigh").disabled = !state.changes.length;
  showChosen();
  if (state.changes.length) $("scenario-text").value = asked();
  stale();
  const numbers = new Map(state.changes.map((one, index) => [one.service_id, String(index + 1)]).reverse());
  map?.show(all().map((one) => ({ ...one, number: numbers.get(one.id) ?? "", chosen: one.id === state.chosen })), state.proposed, state.here);
}

function row(change, index) {
  const line = document.createElement("tr");
  const one = find(change.service_id) ?? { id: change.service_id, ...change };
  const cell = (...content) => { const made = document.createElement("td"); made.append(...content); return made; };
  const name = Object.assign(document.createElement("bdi"), { textContent: nameOf(change.service_id) });
  const act = (label, doing) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "quiet", textContent: label });
    button.setAttribute("aria-label", fill(words.of, { action: label, name: nameOf(change.service_id) }));
    button.addEventListener("click", doing);
    return button;
  };
  const acts = change.do === "close" ? [] : [act(words.moveIt, () => { aim(change.service_id); $("place-text").focus(); })];
  const remove = act(words.remove, () => { becomes(without(state.changes, change), words.removed); $("changes-title").focus(); });
  const where = one.lon === undefined ? "" : placeOf(one);
  const places = change.places ?? one.places;
  line.append(cell(String(index + 1)), cell(words[change.do]), cell(name), cell(where), cell(places === null || places === undefined ? "–" : number.format(places)), cell(...acts, remove));
  return line;
}

function stale() {
  const box = $("scenario-answer");
  const old = box.querySelector(".stale");
  const wrong = state.told !== null && state.told !== asked();
  if (wrong === Boolean(old)) return;
  if (!wrong) { old.remove(); return; }
  const note = Object.assign(document.createElement("p"), { className: "notice stale", textContent: words.stale });
  box.prepend(note);
}

function say(text) { $("scenario-said").textContent = ""; $("scenario-said").textContent = text; }

function reveal(root) { for (const one of root.querySelectorAll("[data-live]")) one.hidden = false; $("scenario").classList.add("live"); }

// ---- what the server says ------------------------------------------------------------------
async function fragment(form, part, values, box, button) {
  box.setAttribute("aria-busy", "true");
  button.disabled = true;
  say(words.working);
  const url = new URL(form.action);
  url.searchParams.set("part", part);
  try {
    const answer = await fetch(url, { method: "POST", body: new URLSearchParams(values) });
    box.innerHTML = (answer.headers.get("Content-Type") ?? "").startsWith("text/html") ? await answer.text() : problem(words.offline);
  } catch {
    box.innerHTML = problem(words.offline);
  }
  box.removeAttribute("aria-busy");
  button.disabled = false;
  reveal(box);
  say(box.querySelector(".problem p, .verdict, h3")?.textContent ?? "");
  box.focus({ preventScroll: true });
  box.scrollIntoView({ block: "nearest" });
}

const problem = (text) => { const p = document.createElement("p"); p.textContent = text; return `<div class="problem" role="alert">${p.outerHTML}</div>`; };

async function weigh() {
  if (!state.changes.length) { say(words.nothing); return; }
  const sent = asked();
  await fragment($("file-form"), "answer", { scenario: sent }, $("scenario-answer"), $("weigh"));
  state.told = $("scenario-difference") ? sent : null;
  map?.colour(difference());
  show();
}

function difference() {
  const told = $("scenario-difference") ? read("scenario-difference") : [];
  return told.filter((one) => one.level === "nil").map((one) => [one.area_id, one.after.within - one.before.within]);
}

async function propose(event) {
  event.preventDefault();
  await fragment($("sites-form"), "sites", new FormData($("sites-form")), $("scenario-sites"), $("propose"));
  adoptable();
  show();
}

function adoptable() {
  state.proposed = $("scenario-proposed") ? read("scenario-proposed") : [];
  for (const button of $("scenario-sites").querySelectorAll(".adopt")) button.addEventListener("click", () => adopt(button));
}

function adopt(button) {
  const all = button.dataset.rank === "all";
  const chosen = state.proposed.filter((one, index) => (all || index === Number(button.dataset.rank)) && !one.adopted);
  const before = state.changes;
  for (const one of chosen) {
    add({ ...one, label: one.name }, one.places);
    one.adopted = true;
  }
  // All of them are one thing that was done, and undone.
  state.before.splice(state.before.indexOf(before) + 1);
  for (const one of $("scenario-sites").querySelectorAll(".adopt")) one.disabled = all || one.disabled || one === button;
  say(fill(words.adopted, { n: chosen.length }));
  show();
}

// ---- files ---------------------------------------------------------------------------------
function save() {
  const name = `${words.file}-${data.category}.json`;
  const link = Object.assign(document.createElement("a"), { download: name, href: URL.createObjectURL(new Blob([`${asked()}\n`], { type: "application/json" })) });
  link.click();
  URL.revokeObjectURL(link.href);
  state.saved = JSON.stringify(state.changes);
  say(fill(words.saved, { name }));
}

function leaving(event) {
  if (JSON.stringify(state.changes) !== state.saved) event.preventDefault();
}

function filter() {
  const parts = plain($("services-filter").value).split(/\s+/);
  for (const line of $("services").rows) line.hidden = !parts.every((part) => plain(line.textContent).includes(part));
}

// Places belong to one purpose, aversion to another: what does not apply cannot be filled in.
function suit() {
  const objective = $("ask-objective").value;
  for (const id of ["ask-places", "ask-site-places"]) $(id).disabled = objective !== "capacity";
  $("ask-places").required = objective === "capacity";
  $("ask-aversion").disabled = objective !== "median";
}

function wire() {
  const on = (id, event, act) => $(id)?.addEventListener(event, act);
  on("place-text", "input", typed);
  on("place-text", "keydown", (event) => {
    if (event.key === "Enter") { clearTimeout(typing); search().then(() => $("place-list").hidden || $("place-list").focus()); }
    if (event.key === "ArrowDown" && !$("place-list").hidden) $("place-list").focus();
  });
  on("place-list", "change", picked);
  on("place-list", "keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); picked(); $("place-do").focus(); } });
  on("place-do", "click", put);
  on("place-stop", "click", () => aim(null));
  on("place-centre", "click", () => pointed(map.centre()));
  on("chosen-close", "click", () => does({ do: "close", service_id: state.chosen }, words.closed));
  on("chosen-open", "click", reopen);
  on("chosen-move", "click", () => { aim(state.chosen); $("place-text").focus(); });
  on("chosen-resize", "click", resize);
  on("services", "click", (event) => { const id = event.target.closest(".choose")?.closest("tr").dataset.id; if (id) choose(id, { focus: true }); });
  on("services-filter", "input", filter);
  on("weigh", "click", weigh);
  on("undo", "click", undo);
  on("save", "click", save);
  on("sites-form", "submit", propose);
  for (const id of ["ask-minutes", "ask-profile", "ask-weight", "ask-basis"]) on(id, "change", show);
  on("ask-objective", "change", suit);
  suit();
  on("file-form", "submit", () => removeEventListener("beforeunload", leaving));
  addEventListener("beforeunload", leaving);
}

if (data) start();
