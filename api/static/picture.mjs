// The maps of the screen as one PNG, with title, legend, sources and edition: it can be shown anywhere.
const MARGIN = 16;
const LINE = 22;

export async function picture(plates, { credit, edition, address }) {
  const shots = await Promise.all(plates.map(shot));
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  const keys = Math.max(...plates.map((plate) => plate.keys.length));
  const foot = [edition, credit.trim(), decodeURI(address)];
  canvas.width = shots.reduce((sum, { width }) => sum + width + MARGIN, MARGIN);
  canvas.height = Math.max(...shots.map(({ height }) => height)) + LINE * (keys + foot.length + 4);
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  let left = MARGIN;
  for (const [number, plate] of plates.entries()) {
    draw(context, plate, shots[number], left);
    left += shots[number].width + MARGIN;
  }
  foot.forEach((text, number) => write(context, text, MARGIN, canvas.height - LINE * (foot.length - number) + 4, canvas.width - 2 * MARGIN));
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  save(blob);
}

// The pixels of a WebGL canvas are there while it is being drawn, and gone after.
function shot({ map }) {
  return new Promise((done) => {
    map.once("render", () => {
      const { canvas } = map.getCanvas().getContext("webgl2") ?? { canvas: map.getCanvas() };
      const copy = Object.assign(document.createElement("canvas"), { width: canvas.width, height: canvas.height });
      copy.getContext("2d").drawImage(canvas, 0, 0);
      done(copy);
    });
    map.triggerRepaint();
  });
}

function draw(context, { title, keys }, image, left) {
  write(context, title, left, LINE + 4, image.width, "bold ");
  context.drawImage(image, left, LINE * 2);
  keys.forEach((key, number) => {
    const top = image.height + LINE * (number + 2.5);
    context.fillStyle = key.colour;
    context.fillRect(left, top, 28, LINE - 4);
    context.strokeStyle = "#5c6f82";
    context.strokeRect(left, top, 28, LINE - 4);
    if (key.pattern) hatch(context, key.pattern, left, top);
    const people = key.people === null ? "" : ` · ${key.people}`;
    write(context, `${key.label} (${key.areas}${people})`, left + 36, top + LINE - 8, image.width - 36);
  });
}

function hatch(context, pattern, left, top) {
  const drawn = document.querySelector(`pattern#${pattern} path`);
  context.save();
  context.beginPath();
  context.rect(left, top, 28, LINE - 4);
  context.clip();
  context.strokeStyle = drawn.getAttribute("stroke");
  context.lineWidth = drawn.getAttribute("stroke-width");
  for (let x = 0; x < 28; x += 8) {
    for (let y = 0; y < LINE; y += 8) {
      context.setTransform(1, 0, 0, 1, left + x, top + y);
      context.stroke(new Path2D(drawn.getAttribute("d")));
    }
  }
  context.restore();
}

function write(context, text, x, y, width, weight = "") {
  context.fillStyle = "#17324d";
  context.font = `${weight}15px "Titillium Web", sans-serif`;
  context.fillText(text, x, y, width);
}

function save(blob) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: "prossima-rete.png" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
