"use strict";
// Text of the data enters the page as text nodes only, never as HTML.
function prossimaElement(tag, text, className) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  return element;
}

function prossimaCard(about) {
  const card = prossimaElement("div", undefined, "card");
  card.append(prossimaElement("strong", about.name));
  const facts = prossimaElement("dl");
  (about.facts || []).forEach((fact, index) => {
    if (!fact) return;
    facts.append(prossimaElement("dt", prossimaLabels[about.kind][index]));
    facts.append(prossimaElement("dd", fact));
  });
  card.append(facts);
  return card;
}

function prossimaFeature(feature, layer) {
  const about = prossimaTexts[feature.properties.about];
  if (!about) return;
  if (about.name !== undefined) {
    layer.bindPopup(() => prossimaCard(about), { maxWidth: 320 });
  }
  if (about.label !== undefined) {
    layer.bindTooltip(prossimaElement("span", about.label), {
      permanent: true,
      direction: "center",
      className: "place " + about.place,
    });
  } else if (about.name !== undefined) {
    layer.bindTooltip(prossimaElement("span", about.name), { sticky: true });
  }
}

// Names of NIL would cover each other from afar; those of municipi are not needed from near.
function prossimaMap(map) {
  map.setMaxZoom(18);
  L.control.scale({ imperial: false }).addTo(map);
  const near = () => map.getContainer().classList.toggle("near", map.getZoom() >= 13.5);
  map.on("zoomend", near);
  near();
}
