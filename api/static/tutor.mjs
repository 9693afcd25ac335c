// The tutor's page with JavaScript: suggestions, a point, the answer without leaving the page, the map.
// The server renders; nothing of the question is kept anywhere but in the page itself.
import { about, complete, geocode } from "/static/combobox.mjs";
import { choosePoint, draw, focusOn, isOpen, toggleMap } from "/static/tutormap.mjs";

const words = JSON.parse(document.getElementById("words").textContent);
const fragment = document.getElementById("tutor");
const said = document.getElementById("said");
const desk = matchMedia("(min-width: 60rem)");
const byId = (id) => document.getElementById(id);
let asking = null;
// Farther away no number helps to find a point.
const NEAR_METRES = 150;

document.documentElement.classList.add("scripted");
document.addEventListener("submit", onSubmit);
fragment.addEventListener("click", onClick);
fragment.addEventListener("input", onInput);
document.querySelector(".languages").addEventListener("click", onLanguage);
ready();

function ready() {
  complete(byId("address"), byId("places"), { say: sayPlace, words, onChoose: (place) => sayPlace(about(words, place)) });
  showDate();
  showNeeds();
  if (desk.matches) for (const need of document.querySelectorAll("#tutor > .ask .need")) need.open = true;
  if (byId("answer-map")) showAnswer();
}

// --- the question

function onInput({ target }) {
  if (target.id === "address") setPoint(null);
  if (target.id === "day") showDate();
  if (target.name === "category") showNeeds();
}

function showDate() {
  const day = byId("day");
  const dated = day.value !== "" && day.value !== "now";
  day.classList.toggle("dated", dated);
  if (!dated) byId("hour").value = "";
}

function showNeeds() {
  const chosen = [...document.querySelectorAll('#ask [name="category"]:checked')].map((box) => box.parentElement.textContent.trim());
  byId("chosen").textContent = chosen.length ? words.chosen.replace("{needs}", listed(chosen)) : words.any;
  byId("round").hidden = chosen.length < 2;
}

function listed(names) {
  return new Intl.ListFormat(document.documentElement.lang, { type: "unit" }).format(names);
}

function sayPlace(text) {
  byId("place-said").textContent = text;
}

function setPoint(point, text = words.point) {
  const { lon, lat, address, nil } = byId("ask").elements;
  lon.value = point ? point.lon.toFixed(6) : "";
  lat.value = point ? point.lat.toFixed(6) : "";
  byId("point").hidden = !point;
  byId("point-said").textContent = text;
  if (!point) return;
  address.value = "";
  if (nil) nil.value = "";
  sayPlace("");
}

function metresApart(one, other) {
  const east = (one.lon - other.lon) * Math.cos(one.lat * Math.PI / 180);
  return Math.hypot(east, one.lat - other.lat) * 111_195;
}

async function startFrom(point, warning = "") {
  setPoint(point);
  const near = (await geocode({ lon: point.lon, lat: point.lat }).catch(() => [])).filter((place) => metresApart(place, point) <= NEAR_METRES);
  const text = near.length ? words.near.replace("{place}", near[0].address) : words.point;
  if (byId("ask").elements.lon.value === point.lon.toFixed(6)) byId("point-said").textContent = `${text} ${warning}`;
  said.textContent = text;
}

function locate() {
  const refused = () => sayPlace(words.refused);
  if (!navigator.geolocation) return refused();
  sayPlace(words.locating);
  navigator.geolocation.getCurrentPosition(({ coords }) => {
    const off = Math.round(coords.accuracy / 10) * 10;
    startFrom({ lon: coords.longitude, lat: coords.latitude }, off > 100 ? words.imprecise.replace("{metres}", off.toLocaleString(document.documentElement.lang, { numberingSystem: "latn" })) : "");
  }, refused, { enableHighAccuracy: true, timeout: 15000, maximumAge: 0 });
}

async function chooseOnMap() {
  byId("choose").setAttribute("aria-pressed", "true");
  const point = await choosePoint();
  byId("choose")?.setAttribute("aria-pressed", "false");
  byId("choose")?.focus();
  if (point) startFrom(point);
}

// --- the answer

function onSubmit(event) {
  const { target: form, submitter } = event;
  if (!form.matches("[data-answer]") || submitter?.hasAttribute("formaction")) return;
  event.preventDefault();
  const fields = new FormData(form);
  if (submitter?.name) fields.append(submitter.name, submitter.value);
  ask(form.action, fields);
}

async function ask(action, fields) {
  asking?.abort();
  asking = new AbortController();
  said.textContent = words.working;
  fragment.setAttribute("aria-busy", "true");
  try {
    const address = new URL(action);
    address.searchParams.set("part", "answer");
    const answer = await fetch(address, { method: "POST", body: new URLSearchParams(fields), signal: asking.signal });
    if (!answer.headers.get("content-type")?.startsWith("text/html")) throw new Error(answer.status);
    replace(await answer.text());
  } catch (error) {
    if (error.name !== "AbortError") tellDown();
  } finally {
    fragment.removeAttribute("aria-busy");
  }
}

function replace(html) {
  fragment.innerHTML = html;
  said.textContent = "";
  ready();
  const first = byId("problem") ?? byId("found");
  first.focus({ preventScroll: true });
  window.scrollTo({ top: 0 });
}

function tellDown() {
  said.textContent = "";
  byId("down")?.remove();
  const note = Object.assign(document.createElement("p"), { id: "down", className: "problem", textContent: words.down });
  note.setAttribute("role", "alert");
  byId("ask").querySelector(".send").before(note);
}

function showAnswer() {
  const drawn = JSON.parse(byId("answer-map").textContent);
  const names = [...fragment.querySelectorAll(".result[data-number]")].map((item) => `${item.querySelector("h2").textContent.trim()}, ${item.querySelector(".minutes strong").textContent}`);
  draw({ ...drawn, names, words, onSelect: select, open: isOpen() || desk.matches });
  mirrorMap();
}

function select(number, { scroll = true } = {}) {
  for (const item of fragment.querySelectorAll(".result")) item.classList.toggle("chosen", item.dataset.number === String(number));
  for (const way of fragment.querySelectorAll(".way")) way.setAttribute("aria-pressed", String(way.dataset.number === String(number)));
  focusOn(number);
  if (scroll) byId(`result-${number}`)?.scrollIntoView({ block: "start" });
}

function mirrorMap() {
  document.body.classList.toggle("mapped", isOpen());
  byId("show-map")?.setAttribute("aria-expanded", String(isOpen()));
}

async function onClick({ target }) {
  const button = target.closest("button, a[href='#asking']");
  if (!button) return;
  if (button.id === "locate") locate();
  else if (button.id === "no-point") { setPoint(null); byId("address").focus(); }
  else if (button.id === "choose") chooseOnMap();
  else if (button.id === "show-map") { await toggleMap(); mirrorMap(); }
  else if (button.matches(".way")) { await toggleMap(true); mirrorMap(); select(Number(button.dataset.number), { scroll: !desk.matches }); }
  else if (button.matches("a")) byId("asking").open = true;
}

// The language of an answered page changes without the place of the family in any address.
function onLanguage(event) {
  const link = event.target.closest("a[href]");
  const again = byId("again");
  if (!link || !again) return;
  event.preventDefault();
  again.action = link.href;
  again.submit();
}
