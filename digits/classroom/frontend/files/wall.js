// The wall: everybody's latest digit, what is asked for and the tally, as the events of the class tell them:
//
// {asked, changed: [{number, name, strokes, text, doubt, is_sure}, or {number, is_hidden}], present: [number], tally: [{title,
// counts: [[kind, count]]}], is_over}. What a pupil writes is only ever shown as text.

const SVG = "http://www.w3.org/2000/svg";
const LEAST = 8; // cells that a tile shows of a small drawing, and more of a larger one
const PEN = 0.09; // of what a tile shows
const SMALL = matchMedia("(max-width: 700px), (max-height: 500px)"); // as in wall.css: one scrolls
const ASPECT = 0.8; // of a tile, height to width
const GAP = 10; // pixels between tiles, about

const find = (name) => document.querySelector(name);
const tiles = new Map(); // of pupils by their numbers: {pupil, element}
const events = new EventSource("/wall/events");
let asked;

events.onmessage = ({ data }) => update(JSON.parse(data));
events.onerror = () => {
  const isLost = events.readyState === EventSource.CLOSED;
  find("#count").textContent = isLost ? "The class is over." : "Waiting for the class ...";
};

for (const label of [..."0123456789", null]) {
  const button = element("button", label ?? "Any digit");
  button.dataset.label = label ?? "";
  button.addEventListener("click", () => order("ask", { label }));
  find("#ask").append(button);
}
find("#join").addEventListener("click", () => find("#how").showModal());
find("#end").addEventListener("click", () => find("#sure").showModal());
find("#sure").addEventListener("close", ({ target }) => target.returnValue === "end" && order("end", {}));
find("#full").addEventListener("click", () =>
  document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen(),
);
document.addEventListener("fullscreenchange", () => {
  find("#full").textContent = document.fullscreenElement ? "Leave full screen" : "Full screen";
});
const resized = new ResizeObserver(arrange);
resized.observe(find("main"));

function order(what, body) {
  const headers = { "Content-Type": "application/json" };
  return fetch(`/wall/${what}`, { method: "POST", headers, body: JSON.stringify(body) });
}

function update(news) {
  if (news.is_over) return finish();
  const present = new Set(news.present);
  for (const [number, { element }] of tiles) {
    if (present.has(number)) continue;
    element.remove();
    tiles.delete(number);
  }
  news.changed.forEach(renderPupil);
  if (news.asked !== asked) renderAsked((asked = news.asked));
  renderTally(news.tally);
  renderHidden();
  renderCount();
  arrange();
  document.body.dataset.ready = "";
}

function finish() {
  events.close();
  resized.disconnect();
  find("#asked").textContent = "The class is over";
  find("main").replaceChildren(element("p", "What was drawn is forgotten. You can close this page.", "over"));
  for (const part of ["#ask", "#join", "#hidden", "#save", "#end"]) find(part).remove();
  find("#count").textContent = "";
}

function renderAsked(label) {
  const word = element("strong", label ?? "");
  find("#asked").replaceChildren(...(label ? [`Everybody draw ${label === "8" ? "an" : "a"} `, word] : ["Draw any digit"]));
  for (const button of find("#ask").children) button.setAttribute("aria-pressed", button.dataset.label === (label ?? ""));
}

function renderPupil(pupil) {
  const tile = tiles.get(pupil.number)?.element ?? makeTile(pupil.number);
  tiles.set(pupil.number, { pupil, element: tile });
  tile.hidden = Boolean(pupil.is_hidden);
  tile.className = !pupil.strokes ? "waits" : pupil.is_sure ? "" : "unsure";
  tile.querySelector(".name").textContent = pupil.name ?? "";
  tile.querySelector(".text").textContent = pupil.text ?? "";
  tile.querySelector(".doubt").textContent = pupil.doubt ?? "";
  renderDrawing(tile.querySelector("svg"), pupil.strokes ?? []);
}

function renderDrawing(svg, strokes) {
  const lines = strokes.map((stroke) => {
    const line = document.createElementNS(SVG, "polyline");
    line.setAttribute("points", (stroke.length > 1 ? stroke : [stroke[0], stroke[0]]).join(" "));
    return line;
  });
  svg.replaceChildren(...lines);
  if (!lines.length) return;
  const [xs, ys] = [0, 1].map((axis) => strokes.flat().map((point) => point[axis]));
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const side = Math.max(right - left, bottom - top, LEAST) / (1 - 2 * PEN);
  svg.setAttribute("viewBox", [(left + right - side) / 2, (top + bottom - side) / 2, side, side].join(" "));
  svg.setAttribute("stroke-width", PEN * side);
}

function makeTile(number) {
  const tile = element("li");
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("aria-hidden", "true");
  const tools = element("span", "", "tools");
  for (const [name, what] of [["Hide", "hide"], ["Remove", "remove"]]) {
    const button = element("button", name);
    button.addEventListener("click", () => order(what, { number, is_hidden: true }));
    tools.append(button);
  }
  const said = element("span", "", "said");
  said.append(element("span", "", "text"), element("span", "", "doubt"));
  tile.append(drawing, said, element("span", "", "name"), tools);
  const after = [...tiles.keys()].filter((other) => other < number).length;
  find("#tiles").insertBefore(tile, find("#tiles").children[after] ?? null);
  return tile;
}

function renderTally(rows) {
  find("#tally").hidden = !rows.length;
  const parts = rows.flatMap(({ title, counts }) => {
    const most = Math.max(...counts.map(([, count]) => count));
    return [element("h2", title), ...counts.map(([kind, count]) => renderCountOf(title, kind, count, most))];
  });
  find("#tally").replaceChildren(...parts);
}

function renderCountOf(title, kind, count, most) {
  const isAnswer = title === "Read as";
  const row = element("div", "", isAnswer && kind === asked ? "mine" : kind === "not sure" ? "doubt" : "");
  const bar = element("i");
  bar.style.width = `${(100 * count) / most}%`;
  row.append(element("span", kind), bar, element("b", count));
  return row;
}

function renderHidden() {
  const hidden = [...tiles.values()].filter(({ pupil }) => pupil.is_hidden);
  const buttons = hidden.map(({ pupil: { number } }) => {
    const button = element("button", `Show pupil ${number} again`);
    button.addEventListener("click", () => order("hide", { number, is_hidden: false }));
    return button;
  });
  find("#hidden").replaceChildren(...buttons);
}

function renderCount() {
  const shown = [...tiles.values()].filter(({ pupil }) => !pupil.is_hidden);
  const drawn = shown.filter(({ pupil }) => pupil.strokes).length;
  const pupils = tiles.size === 1 ? "1 pupil" : `${tiles.size} pupils`;
  const words = tiles.size ? `${pupils}, ${drawn} of ${shown.length} ${drawn === 1 ? "has" : "have"} drawn.` : "Nobody has joined yet.";
  if (find("#count").textContent !== words) find("#count").textContent = words;
  find("#empty").hidden = tiles.size > 0;
  find("#tiles").hidden = !tiles.size;
}

function arrange() {
  // As many columns as make the tiles largest without scrolling.
  const count = [...tiles.values()].filter(({ pupil }) => !pupil.is_hidden).length;
  const { clientWidth: width, clientHeight: height } = find("#tiles");
  if (!count || !width || !height) return;
  const few = Math.max(1, Math.floor(width / 150));
  let best = SMALL.matches ? { columns: few, tile: (width - GAP * (few - 1)) / few } : { columns: 1, tile: 0 };
  for (let columns = 1; columns <= count && !SMALL.matches; columns++) {
    const lines = Math.ceil(count / columns);
    const tile = Math.min((width - GAP * (columns - 1)) / columns, (height - GAP * (lines - 1)) / lines / ASPECT);
    if (tile > best.tile) best = { columns, tile };
  }
  find("#tiles").style.setProperty("--columns", best.columns);
  find("#tiles").style.setProperty("--tile", `${Math.floor(Math.min(best.tile, 420))}px`);
}

function element(kind, text = "", className = "") {
  const made = document.createElement(kind);
  made.textContent = text;
  made.className = className;
  return made;
}
