// A scenario as a list of changes, at most one of a kind for each service: every function gives a new list.

// One more change; what it makes needless is gone. A new service that is moved is a new service elsewhere.
export function changed(changes, change) {
  const own = changes.find((one) => one.do === "add" && one.service_id === change.service_id);
  if (change.do === "add") return [...changes, change];
  if (change.do === "close") {
    const others = changes.filter((one) => own ? one !== own : one.service_id !== change.service_id);
    return own ? others : [...others, change];
  }
  const same = own ?? changes.find((one) => one.do === change.do && one.service_id === change.service_id);
  return same ? changes.map((one) => (one === same ? { ...one, ...change, do: one.do } : one)) : [...changes, change];
}

export const without = (changes, change) => changes.filter((one) => one !== change);

// The list of a file, whose new services may have no id: they get that by which the server knows them.
export function listed(changes) {
  return (changes ?? []).reduce((list, one, index) => changed(list, { ...one, service_id: one.service_id ?? `nuovo:${index + 1}` }), []);
}

export function newId(changes, services) {
  const taken = new Set([...changes, ...services].map((one) => one.service_id ?? one.id));
  for (let number = 1; ; number += 1) if (!taken.has(`nuovo:${number}`)) return `nuovo:${number}`;
}

// Where everything stands when all is done: services of today with what becomes of them, then the new ones.
export function standing(services, changes) {
  const of = (id, kind) => changes.find((one) => one.do === kind && one.service_id === id);
  const today = services.map((service) => {
    const [close, move, resize] = ["close", "move", "resize"].map((kind) => of(service.id, kind));
    const state = close ? "closed" : move ? "moved" : "standing";
    return { ...service, state, lon: move?.lon ?? service.lon, lat: move?.lat ?? service.lat, places: resize?.places ?? service.places, was: move && [service.lon, service.lat] };
  });
  const added = changes.filter((one) => one.do === "add").map(({ service_id: id, lon, lat, places }) => ({ id, lon, lat, places: places ?? null, state: "added" }));
  return [...today, ...added];
}
