// A pupil's page: joins the class, draws, and shows what the network makes of it.
//
// What is drawn is sent when the pen lifts, and every PAUSE ms while it is down, one drawing at a time, lest an older one
// arrive last: {token, version, columns, strokes}, the strokes as lists of [x, y] in cells. The answer is {version, text, words, is_sure, shares}, {version, hint} or
// {error}. Events say what is asked for: {asked, name, is_in, is_over}.

const PAUSE = 700; // ms between two looks at a stroke while it is drawn
const PATIENCE = 8000; // ms until an answer that does not come is given up: the network may be gone without a word
const AGAIN = 2000; // ms after which what did not arrive is sent once more
const STEP = 0.15; // cells that the pen goes before its position is noted
const MOST_POINTS = 4000; // of a drawing; the server takes 5,000
const KEY = `token of ${location.pathname}`; // in this tab of the browser

const find = (name) => document.querySelector(name);
const [canvas, context] = [find("canvas"), find("canvas").getContext("2d")];
const { rows, penWidth } = document.body.dataset;

let token = sessionStorage.getItem(KEY);
let strokes = [];
let line = null; // the stroke that is being drawn
let pointer = null;
let version = 0;
let sent = 0; // the version that was sent last
let isOnItsWay = false;
let watch, retry, events, asked;

show(token ? "#pad" : "#join");
if (token) listen();
find("#bars").append(...[..."0123456789"].map(bar));

find("#join form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { token: mine, error } = await post("join", { name: find("#name").value }).catch(() => LOST);
  find("#join .error").textContent = error ?? "";
  if (!mine) return;
  sessionStorage.setItem(KEY, (token = mine));
  show("#pad");
  listen();
});

const LOST = { error: "The class cannot be reached. Are you in the same network? Try again." };

async function post(what, body) {
  const headers = { "Content-Type": "application/json" };
  const options = { method: "POST", headers, body: JSON.stringify(body), signal: AbortSignal.timeout?.(PATIENCE) };
  const answer = await fetch(`${location.pathname}/${what}`, options);
  return { status: answer.status, ...(await answer.json()) };
}

function show(part) {
  for (const each of document.querySelectorAll("main")) each.hidden = `#${each.id}` !== part;
  paint();
}

function listen() {
  events?.close();
  events = new EventSource(`${location.pathname}/events?token=${token}`);
  events.onmessage = ({ data }) => told(JSON.parse(data));
  // The browser asks again by itself but where it was refused; or the page is left, and nothing comes of it.
  events.onerror = () => events.readyState === EventSource.CLOSED && setTimeout(lookAgain, AGAIN, events.url);
}

async function lookAgain(url) {
  const stop = new AbortController();
  const { status } = await fetch(url, { signal: stop.signal }).catch(() => ({}));
  stop.abort();
  if (status === 403 || status === 404) leave("You are not in this class any more. You can join it again.");
  else if (token) listen();
}

function told({ asked: label, name, is_in, is_over }) {
  if (is_over) {
    events.close();
    sessionStorage.removeItem(KEY);
    return show("#over");
  }
  if (!is_in) return leave("Your teacher made room for others. You can join again.");
  find("#who").textContent = name;
  if (label === asked) return;
  const isFirst = asked === undefined;
  asked = label;
  const word = document.createElement("strong");
  word.textContent = label ?? "";
  find("#asked").replaceChildren(...(label ? [label === "8" ? "Draw an " : "Draw a ", word] : ["Draw any digit"]));
  if (!isFirst) change([]); // a new round begins on an empty pad
}

function leave(why) {
  events?.close();
  sessionStorage.removeItem(KEY);
  token = null;
  find("#join .error").textContent = why;
  show("#join");
}

// Drawing

canvas.addEventListener("pointerdown", (event) => {
  if (event.button !== 0 || pointer !== null || size() >= MOST_POINTS) return;
  canvas.setPointerCapture(event.pointerId);
  pointer = event.pointerId;
  line = [];
  add([event]);
  watch = setInterval(send, PAUSE);
});
canvas.addEventListener("pointermove", (event) => {
  const all = event.getCoalescedEvents?.() ?? [];
  if (event.pointerId === pointer) add(all.length ? all : [event]);
});
for (const kind of ["pointerup", "pointercancel", "lostpointercapture"])
  canvas.addEventListener(kind, (event) => {
    if (event.pointerId !== pointer) return;
    clearInterval(watch);
    const drawn = [...strokes, line];
    line = pointer = null;
    change(drawn);
  });
canvas.addEventListener("contextmenu", (event) => event.preventDefault());
find("#undo").addEventListener("click", () => change(strokes.slice(0, -1)));
find("#clear").addEventListener("click", () => change([]));
new ResizeObserver(paint).observe(canvas);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);

function size() {
  return strokes.reduce((sum, stroke) => sum + stroke.length, line?.length ?? 0);
}

function add(moves) {
  const box = canvas.getBoundingClientRect();
  for (const { clientX, clientY } of moves) {
    const point = [(clientX - box.left) / box.width, (clientY - box.top) / box.height].map(inCells);
    const last = line.at(-1);
    const isFar = !last || Math.hypot(point[0] - last[0], point[1] - last[1]) >= STEP;
    if (isFar && size() < MOST_POINTS) line.push(point);
  }
  version += 1;
  paint();
}

function inCells(share) {
  return Math.round(100 * rows * Math.min(Math.max(share, 0), 1)) / 100;
}

function change(drawn) {
  strokes = drawn;
  version += 1;
  find("#undo").disabled = find("#clear").disabled = !strokes.length;
  if (!strokes.length) say({ hint: "Draw here." });
  paint();
  send();
}

function paint() {
  const side = Math.round(canvas.clientWidth * devicePixelRatio);
  if (!side) return;
  if (canvas.width !== side) canvas.width = canvas.height = side;
  const cell = side / rows;
  context.clearRect(0, 0, side, side);
  context.strokeStyle = getComputedStyle(canvas).color;
  context.lineWidth = penWidth * cell;
  context.lineCap = context.lineJoin = "round";
  for (const stroke of line ? [...strokes, line] : strokes) {
    context.beginPath();
    stroke.forEach(([x, y]) => context.lineTo(x * cell, y * cell));
    if (stroke.length === 1) context.lineTo(stroke[0][0] * cell, stroke[0][1] * cell);
    context.stroke();
  }
}

// To the class and back

async function send() {
  if (!token || version === sent || isOnItsWay) return;
  const mine = (sent = version);
  clearTimeout(retry);
  const drawn = line ? [...strokes, line] : strokes;
  let isLost = true;
  isOnItsWay = true;
  try {
    const answer = await post("draw", { token, version: mine, columns: Number(rows), strokes: drawn });
    if (answer.status === 403 || answer.status === 404) return leave(answer.error);
    if (mine === version || line) say(answer); // else another drawing is on the pad
    isLost = answer.status === 429;
  } catch {
    say(LOST);
  } finally {
    isOnItsWay = false;
  }
  if (isLost) retry = setTimeout(() => ((sent = -1), send()), AGAIN);
  else send(); // what was drawn meanwhile
}

function say({ text, words, is_sure, shares, hint, error }) {
  const answer = find("#answer");
  answer.textContent = error ?? hint ?? text;
  answer.className = text ? (is_sure ? "" : "unsure") : error ? "hint error" : "hint";
  find("#words").textContent = words ?? "";
  find("#bars").className = text && !is_sure ? "unsure" : "";
  const likeliest = shares ? Math.max(...shares) : 0;
  [...find("#bars").children].forEach((each, digit) => {
    const share = shares?.[digit] ?? 0;
    each.firstChild.style.height = `${Math.max(2, 100 * share)}%`;
    each.classList.toggle("named", share > 0 && share === likeliest);
  });
}

function bar(digit) {
  const [element, fill] = [document.createElement("div"), document.createElement("i")];
  element.className = "bar";
  element.append(fill, digit);
  return element;
}
