// An address that is completed while it is typed: an editable combobox with a list (WAI-ARIA APG).
// Where a family lives is asked in the body of a POST, and kept nowhere.
const PAUSE_MILLISECONDS = 150;
const FEWEST_LETTERS = 3;
const SUGGESTIONS = 6;
const WIDE_METRES = 50;

export function complete(input, list, { say, words, onChoose }) {
  const box = { input, list, say, words, onChoose, places: [], active: -1, timer: 0, asking: null };
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id, autocapitalize: "words", spellcheck: "false" })) {
    input.setAttribute(name, value);
  }
  input.addEventListener("input", () => wait(box));
  input.addEventListener("keydown", (event) => KEYS[event.key]?.(box, event));
  input.addEventListener("blur", () => close(box));
  // Chosen before the field loses the focus, which would close the list.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) choose(box, [...list.children].indexOf(option));
  });
}

const KEYS = {
  ArrowDown: (box, event) => { event.preventDefault(); if (box.list.hidden) suggest(box); else move(box, 1); },
  ArrowUp: (box, event) => { event.preventDefault(); move(box, -1); },
  Enter: (box, event) => { if (box.active >= 0) { event.preventDefault(); choose(box, box.active); } },
  Tab: (box) => { if (box.active >= 0) choose(box, box.active); },
  Escape: (box, event) => { if (!box.list.hidden) { event.preventDefault(); close(box); } },
};

function wait(box) {
  clearTimeout(box.timer);
  box.timer = setTimeout(() => suggest(box), PAUSE_MILLISECONDS);
}

async function suggest(box) {
  box.asking?.abort();
  const typed = box.input.value.trim();
  if (typed.length < FEWEST_LETTERS) return close(box);
  box.asking = new AbortController();
  try {
    show(box, await answer({ address: typed, limit: SUGGESTIONS }, box.asking.signal));
  } catch (error) {
    if (error.name === "AbortError") return;
    close(box);
    box.say(box.words.no_suggestions);
  }
}

export async function geocode(asked, signal) {
  return (await answer(asked, signal)).results;
}

async function answer(asked, signal) {
  const told = await fetch("/v1/geocode", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(asked), signal });
  if (!told.ok) throw new Error(told.status);
  return told.json();
}

function show(box, { results: places, unheld, reason }) {
  if (document.activeElement !== box.input) return;
  box.places = places;
  box.list.replaceChildren(...places.map((place, index) => option(box, place, index)));
  mark(box, -1);
  toggle(box, places.length > 0);
  box.say(unheld ? box.words.unheld.replace("{kind}", unheld) : reason ? box.words.reasons[reason] : places.length ? box.words.some.replace("{n}", places.length) : box.words.nothing);
}

// What a suggestion is: a kind of place and how far it reaches, or how well its number is known.
export function about(words, { precision, kind, category, doubts, error_metres: metres }) {
  if (doubts?.length) return words[doubts[0]] ?? "";
  if (!kind || kind === "address") return words[precision] ?? "";
  const told = words.kinds?.[category ?? kind] ?? "";
  const wide = metres >= WIDE_METRES && kind !== "service";
  return wide ? `${told} · ${rounded(metres)}` : told;
}

function rounded(metres) {
  const step = metres < 100 ? 10 : 50;
  const format = { style: "unit", unit: "meter", numberingSystem: "latn" };
  const text = (Math.round(metres / step) * step).toLocaleString(document.documentElement.lang, format);
  // Sign and number stay together where the unit is written from right to left.
  return text.replace(/[\d.,]+/, "\u2066± $&\u2069");
}

function option({ words }, place, index) {
  const item = document.createElement("li");
  Object.assign(item, { id: `place-${index}`, role: "option" });
  const name = Object.assign(document.createElement("bdi"), { textContent: place.address, lang: "it" });
  const known = Object.assign(document.createElement("span"), { className: "soft", textContent: about(words, place) });
  item.append(name, known);
  return item;
}

function move(box, by) {
  const count = box.places.length;
  if (count && !box.list.hidden) mark(box, (box.active + by + count + (box.active < 0 && by < 0 ? 1 : 0)) % count);
}

function mark(box, index) {
  box.active = index;
  [...box.list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === index)));
  const item = box.list.children[index];
  if (item) { box.input.setAttribute("aria-activedescendant", item.id); item.scrollIntoView({ block: "nearest" }); }
  else box.input.removeAttribute("aria-activedescendant");
}

function choose(box, index) {
  const place = box.places[index];
  clearTimeout(box.timer);
  box.input.value = place.address;
  close(box);
  box.onChoose(place);
}

function close(box) {
  clearTimeout(box.timer);
  mark(box, -1);
  toggle(box, false);
}

function toggle(box, open) {
  box.list.hidden = !open;
  box.input.setAttribute("aria-expanded", String(open));
}
