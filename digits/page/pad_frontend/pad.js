// The pad in the browser: strokes are drawn here and sent to Python, which sends back what it makes of them.
//
// State "drawing" and trigger "keep": {version, columns, strokes: [[[x, y], ...], ...], is_drawing, attempt}, in cells, 28
// high; is_drawing: whether the pen is down.
// Trigger "teach": the same with the places of a digit's strokes and its label, null to forget it.
// `data` from Python: {columns: {digit, number}, rows, pen_width, welcome: {digit, number}, full, most: {strokes, points,
// length}, examples: [strokes of each digit], longest_label, is_taught, is_compact, lesson: {label, done, of}, kept,
// refused: {version, error}, reply}, where a reply is
// {version, hint, error, words, digits: [{text, sign, confidence, is_sure, doubt, share, named, bars: [[label, share, words]],
// picture, source, places, taught, box}]}. The version grows with every change of the drawing; a reply carries the
// version that it answers. In a lesson one drawing follows another: what is kept is taken off the pad. All other pads
// of a page show the same drawing, the visitor's.
//
// A number's canvas is never low: where the screen is narrow it has fewer columns.
//
// A reply can get lost: Streamlit drops what a run of the page has not delivered when the next run is asked for in that
// moment, as the timer that looks at the window does. What is not answered in time is sent again.
//
// Every change is also told to the page, as the event "paddrawing" of the window and as window.padDrawing, so that another
// component can follow the pen.

const LIVE_PAUSE = 150; // ms between two looks at a stroke while it is drawn
const LOST = 1500; // ms after which a look at a stroke no longer waits for the reply to the one before
const STEP = 0.1; // cells that the pen has to go before its position is noted ...
const COARSE_STEP = 0.5; // ... and once half of the points that the pad may hold are there
const GRID = 0.08; // opacity of the lines between the cells
const LEAST_HEIGHT = 206; // CSS pixels of a number's canvas
const BETWEEN = 4; // cells between the digits of a number that is put together from examples
const FRAME = 1.4; // cells between a digit's box and the middle of its outermost stroke

const pads = new WeakMap(); // by the element that Streamlit mounts the pad in
const THE_DRAWING = "the drawing";
const left = new Map(); // pads by what they show, for when the page takes one away and shows it again

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const isNew = !pads.has(parentElement);
  if (isNew) pads.set(parentElement, new Pad(parentElement, data));
  const pad = pads.get(parentElement);
  pad.update(data, setStateValue, setTriggerValue);
  if (isNew) pad.look(); // Streamlit forgets what a pad sent when the page takes it away
  // Nothing to clean up: all listeners are on the pad's own elements and go with them.
}

class Drawing {
  done = []; // lists of strokes to go back to
  undone = [];

  constructor(strokes = []) {
    this.strokes = strokes;
  }

  change(strokes) {
    this.done.push(this.strokes);
    this.strokes = strokes;
    this.undone = [];
  }

  step(from, to) {
    to.push(this.strokes);
    this.strokes = from.pop();
  }
}

class Pad {
  constructor(root, data) {
    this.find = (name) => root.querySelector(name);
    this.pad = this.find(".pad");
    this.canvas = this.find("canvas");
    this.context = this.canvas.getContext("2d");
    this.data = data;
    this.line = null; // the stroke that is being drawn
    this.pointer = null; // {id, type} of what draws it
    this.isFull = false;
    this.restore();
    this.pen = new KeyboardPen(this);
    this.listen();
    this.bars = [];
    this.find(".examples").append(...data.examples.map((strokes, digit) => this.makeExample(strokes, digit)));
    this.pad.querySelector(`input[value=${this.mode}]`).checked = true;
    new ResizeObserver(() => this.paint()).observe(this.canvas);
  }

  restore() {
    const place = this.data.lesson ? this.data.key : THE_DRAWING;
    const before = left.get(place) ?? (this.data.lesson ? null : keptDrawings());
    left.set(place, this);
    this.mode = before?.mode ?? "digit";
    this.drawings = before?.drawings ?? { digit: new Drawing(), number: new Drawing() };
    this.shown = before?.shown ?? null; // the reply that is on the screen
    this.chosen = before?.chosen ?? null; // the digit of a number whose bars the visitor wants to see
    // Replies to drawings before this version are not shown. Without a drawing, the last reply is to a lost one.
    const answered = this.data.reply?.version ?? 0;
    this.version = this.since = before?.version ?? answered + 1;
    this.sent = { version: before && answered !== before.version ? 0 : this.version, at: -LOST };
  }

  get columns() {
    const { rows, columns } = this.data;
    if (this.mode === "digit") return columns.digit;
    const room = Math.floor((this.find(".sheet").clientWidth * rows) / LEAST_HEIGHT);
    const used = Math.ceil(this.inked[1] + this.data.pen_width / 2);
    return Math.min(Math.max(room, used, columns.digit), columns.number);
  }

  get inked() {
    // From where to where there is ink, in cells from the left.
    const xs = this.strokes.flat().map(([x]) => x);
    return xs.length ? [Math.min(...xs), Math.max(...xs)] : [0, 0];
  }

  get middle() {
    return [this.columns / 2, this.data.rows / 2];
  }

  get drawing() {
    return this.drawings[this.mode];
  }

  get strokes() {
    return this.line ? [...this.drawing.strokes, this.line] : this.drawing.strokes;
  }

  get isAnswered() {
    return !this.line && this.shown?.version === this.version && this.shown.digits.length > 0;
  }

  get asked() {
    const digits = this.shown?.digits ?? [];
    return digits[this.chosen] ?? leastSure(digits);
  }

  get canTeach() {
    return this.data.is_taught && this.isAnswered;
  }

  get isKept() {
    return this.data.kept === this.version;
  }

  // What the visitor does

  listen() {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => this.press(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const kind of ["pointerup", "pointercancel", "lostpointercapture"])
      canvas.addEventListener(kind, (event) => event.pointerId === this.pointer?.id && this.release());
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    this.pad.addEventListener("keydown", (event) => this.typed(event));
    for (const name of ["undo", "redo", "clear", "keep"])
      this.find(`.${name}`).addEventListener("click", () => this[name]());
    this.find(".teach").addEventListener("submit", (event) => {
      event.preventDefault();
      this.teach(this.find(".label").value.trim());
    });
    this.find(".right").addEventListener("click", () => this.teach(this.asked.text));
    this.find(".forget").addEventListener("click", () => this.teach(null));
    this.find(".label").maxLength = this.data.longest_label;
    for (const input of this.pad.querySelectorAll(".modes input"))
      input.addEventListener("change", () => this.switchTo(input.value));
  }

  press(event) {
    const isPenOverPalm = event.pointerType === "pen" && this.pointer?.type === "touch";
    if (event.button !== 0 || (this.pointer && !isPenOverPalm)) return; // one finger draws, a second one does not
    if (!this.begin(event.pointerId, event.pointerType)) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.add([event]);
  }

  begin(id, type) {
    // Begin a stroke; tell whether the pad has room for it.
    this.room = this.roomLeft();
    this.isFull = Math.min(...Object.values(this.room)) < 1;
    this.render();
    if (this.isFull) return false;
    if (!this.pointer) this.watch = setInterval(() => this.look(), LIVE_PAUSE);
    this.pointer = { id, type };
    this.line = [];
    this.paint();
    return true;
  }

  move(event) {
    if (event.pointerId !== this.pointer?.id) return;
    const all = event.getCoalescedEvents?.() ?? [];
    this.add(all.length ? all : [event]);
  }

  release() {
    clearInterval(this.watch);
    this.drawing.change(this.strokes);
    this.line = this.pointer = null;
    this.changed();
  }

  undo() {
    if (!this.line && this.drawing.done.length) this.stepTo(this.drawing.done, this.drawing.undone);
  }

  redo() {
    if (!this.line && this.drawing.undone.length) this.stepTo(this.drawing.undone, this.drawing.done);
  }

  stepTo(from, to) {
    this.drawing.step(from, to);
    this.changed(true);
  }

  clear() {
    if (this.line || !this.strokes.length) return;
    this.drawing.change([]);
    this.changed(true);
  }

  keep(attempt = 0) {
    if (!this.isAnswered || this.isKept) return;
    const { version } = this;
    this.setTriggerValue("keep", { ...this.payload(), attempt });
    this.soon(attempt, () => version === this.version && this.keep(attempt + 1));
  }

  putExample(strokes) {
    // Put an example on the pad in place of what is there, or at the end of the number.
    if (this.line) return;
    const [from, to] = [Math.min(...strokes.flat().map(([x]) => x)), this.strokes.length ? this.inked[1] : 0];
    const isNumber = this.mode === "number";
    const added = isNumber ? strokes.map((stroke) => stroke.map(([x, y]) => [x - from + to + BETWEEN, y])) : strokes;
    const all = isNumber ? [...this.strokes, ...added] : added;
    this.isFull = isNumber && added.flat().some(([x]) => x > this.data.columns.number - BETWEEN / 2);
    if (this.isFull) return this.render();
    this.drawing.change(all);
    this.changed(true);
  }

  teach(label, digit = this.asked, attempt = 0) {
    // Say what the digit was that is asked about, or forget it.
    if (!this.canTeach || label === "" || (label === null && !digit.taught)) return;
    const { version } = this;
    this.find(".label").value = "";
    this.setTriggerValue("teach", { ...this.payload(), places: digit.places, label, attempt });
    const isLost = () => version === this.version && this.isUntold(digit.places, label);
    this.soon(attempt, () => isLost() && this.teach(label, digit, attempt + 1));
  }

  isUntold(places, label) {
    const digit = this.shown?.digits.find((each) => `${each.places}` === `${places}`);
    return digit && digit.taught !== label && this.data.refused?.version !== this.version;
  }

  switchTo(mode) {
    if (this.line) this.release();
    this.mode = mode;
    this.changed(true);
  }

  typed(event) {
    const isCommand = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    const isHere = event.target === this.canvas;
    if (isHere && !isCommand && !event.altKey && this.pen.typed(event)) return consume(event);
    const act =
      (isCommand && key === "z" && (event.shiftKey ? this.redo : this.undo)) ||
      (isCommand && key === "y" && this.redo) ||
      (isHere && !isCommand && (key === "delete" || key === "backspace") && this.clear) ||
      (isHere && !isCommand && key === "enter" && this.keep);
    if (!act) return;
    consume(event);
    if (this.pen.isDown) this.pen.lift();
    act.call(this);
  }

  // Ink

  add(events) {
    const box = this.canvas.getBoundingClientRect();
    const { columns, data } = this;
    const points = events.map(({ clientX, clientY }) => [
      within(((clientX - box.left) / box.width) * columns, columns),
      within(((clientY - box.top) / box.height) * data.rows, data.rows),
    ]);
    this.draw(points);
  }

  draw(points) {
    const from = this.line.length;
    for (const [x, y] of points) this.addPoint(x, y);
    if (this.isFull) this.render();
    if (this.line.length === from) return;
    this.version += 1;
    this.ink(this.line.slice(Math.max(from - 1, 0)));
    this.mark();
  }

  addPoint(x, y) {
    const { room, line, data } = this;
    const [fromX, fromY] = line.at(-1) ?? [x, y];
    const length = Math.hypot(x - fromX, y - fromY);
    const step = room.points > data.most.points / 2 ? STEP : COARSE_STEP;
    if (line.length && length < step) return;
    if (room.points < 1 || room.length < length) this.isFull = true; // the pen leaves no more ink
    if (this.isFull) return;
    line.push([x, y]);
    room.points -= 1;
    room.length -= length;
  }

  roomLeft() {
    // What may still be drawn: strokes, points, cells of length.
    const room = { ...this.data.most };
    for (const stroke of this.strokes) {
      room.strokes -= 1;
      room.points -= stroke.length;
      stroke.slice(1).forEach(([x, y], i) => (room.length -= Math.hypot(x - stroke[i][0], y - stroke[i][1])));
    }
    return room;
  }

  ink(points) {
    const { context } = this;
    context.beginPath();
    points.forEach(([x, y]) => context.lineTo(x * this.cell, y * this.cell));
    if (points.length === 1) context.lineTo(points[0][0] * this.cell, points[0][1] * this.cell); // a dot
    context.stroke();
  }

  paint() {
    const { canvas, context, columns } = this;
    canvas.style.aspectRatio = `${columns} / ${this.data.rows}`;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((side) => Math.round(side * devicePixelRatio));
    if (!width || !height) return; // not on the screen
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    this.cell = width / columns;
    context.clearRect(0, 0, width, height);
    context.strokeStyle = context.fillStyle = getComputedStyle(canvas).color;
    const line = Math.max(1, Math.round(devicePixelRatio));
    context.globalAlpha = GRID;
    for (let i = 1; i < columns; i++) context.fillRect(Math.round(i * this.cell), 0, line, height);
    for (let i = 1; i < this.data.rows; i++) context.fillRect(0, Math.round(i * this.cell), width, line);
    context.globalAlpha = 1;
    context.lineWidth = this.data.pen_width * this.cell;
    context.lineCap = context.lineJoin = "round";
    this.strokes.filter((stroke) => stroke.length).forEach((stroke) => this.ink(stroke));
    const digits = this.mode === "number" ? (this.shown?.digits ?? []) : [];
    this.find(".boxes").replaceChildren(...digits.map((digit) => this.box(digit)));
  }

  // To Python and back

  changed(isAnother = false) {
    this.version += 1;
    if (isAnother) {
      this.since = this.version; // what was drawn before is gone, and so is every answer to it
      this.shown = this.chosen = null;
      this.isFull = false;
    }
    if (!this.data.lesson) keepDrawings(this);
    this.send();
    this.render();
    this.paint();
  }

  look() {
    if (this.data.is_compact) return; // what follows the pen there is something else
    const isWaiting = (this.data.reply?.version ?? 0) < this.sent.version && performance.now() - this.sent.at < LOST;
    if (this.version > this.sent.version && !isWaiting) this.send();
  }

  send(attempt = 0) {
    this.sent = { version: this.version, at: performance.now() };
    this.setStateValue("drawing", { ...this.payload(), attempt });
    clearTimeout(this.waiting);
    this.waiting = this.soon(attempt, () => this.data.reply?.version !== this.sent.version && this.send(attempt + 1));
  }

  soon(attempt, again) {
    return soon(attempt, () => this.canvas.isConnected && again());
  }

  payload() {
    const strokes = this.strokes.filter((stroke) => stroke.length);
    const columns = this.data.columns[this.mode];
    return { version: this.version, columns, strokes, is_drawing: Boolean(this.line) };
  }

  update(data, setStateValue, setTriggerValue) {
    Object.assign(this, { data, setStateValue, setTriggerValue });
    const { reply } = data;
    if (data.lesson && this.isKept && this.strokes.length && !this.line) this.goOn();
    const isNews = reply && reply.version >= this.since && reply.version >= (this.shown?.version ?? 0);
    if (isNews && !(this.line && reply.hint)) this.shown = reply; // a stroke begins as a dot
    this.render();
    this.paint(); // the theme may be another
  }

  goOn() {
    // A lesson goes on: what was there is kept, and no step leads back to it.
    this.drawings[this.mode] = new Drawing();
    this.changed(true);
  }

  // What the visitor sees

  render() {
    const { shown, pad } = this;
    pad.dataset.mode = this.mode;
    pad.classList.toggle("compact", Boolean(this.data.is_compact));
    const digits = shown?.digits ?? [];
    const chosen = this.asked;
    this.renderLesson();
    this.renderVerdict(digits, shown);
    this.renderCards(digits, chosen);
    this.renderBars(chosen);
    this.find(".said").classList.toggle("unsure", this.mode === "digit" && digits.length > 0 && !chosen.is_sure);
    this.find(".seen").src = chosen?.picture ?? BLANK;
    this.find(".seen").alt = chosen ? "The 28 by 28 pixels that the network sees" : "";
    this.find(".goes-by").hidden = !chosen?.source;
    this.find(".source").src = chosen?.source ?? BLANK;
    this.find(".source").alt = chosen?.source ? "The drawing that it was taught and goes by" : "";
    this.renderTeach(chosen);
    if (this.isAnswered) this.say(`${this.verdict(digits)}, ${shown.words}`);
    this.mark();
    pad.dataset.answered = shown?.version ?? ""; // last: now all of it is there
  }

  say(words) {
    // To those who hear the page.
    this.find(".spoken").textContent = words;
  }

  makeExample(strokes, digit) {
    const button = part("button");
    const side = this.data.rows;
    const lines = strokes.map((stroke) => `M${stroke.map((point) => point.join(" ")).join("L")}`).join("");
    button.type = "button";
    button.title = `Put a ${digit} on the pad`;
    button.setAttribute("aria-label", `Example: ${digit}`);
    button.innerHTML = `<svg viewBox="0 0 ${side} ${side}" aria-hidden="true"><path d="${lines}"/></svg>`;
    button.addEventListener("click", () => this.putExample(strokes));
    return button;
  }

  mark() {
    // What follows the pen without waiting for a reply.
    this.find(".said").classList.toggle("following", !this.isAnswered);
    this.find(".undo").disabled = !!this.line || !this.drawing.done.length;
    this.find(".redo").disabled = !!this.line || !this.drawing.undone.length;
    this.find(".clear").disabled = !!this.line || !this.drawing.strokes.length;
    this.find(".keep").disabled = !this.isAnswered || this.isKept;
    this.find(".keep").textContent = this.data.lesson ? "Next" : this.isKept ? "Kept \u2713" : "Keep";
    for (const part of this.find(".teach").elements) part.disabled = !this.canTeach;
    for (const { bar } of this.bars) bar.disabled = !this.canTeach;
    this.pad.dataset.version = this.version;
    this.tell();
  }

  tell() {
    const told = `${this.version} ${this.mode}`;
    if (this.data.lesson || this.told === told) return;
    this.told = told;
    window.padDrawing = this.payload();
    window.dispatchEvent(new CustomEvent("paddrawing", { detail: window.padDrawing }));
  }

  verdict(digits) {
    if (this.mode === "digit") return digits[0].is_sure ? digits[0].text : digits[0].doubt;
    return digits.map((digit) => digit.sign + (digit.is_sure ? digit.text : "?")).join("");
  }

  renderVerdict(digits, shown) {
    const [hint, verdict, words] = [".hint", ".verdict", ".words"].map(this.find);
    verdict.hidden = words.hidden = !digits.length;
    const { refused } = this.data;
    const error =
      shown?.error ?? (this.isFull ? this.data.full : refused?.version === this.version ? refused.error : undefined);
    hint.hidden = digits.length > 0 && !error;
    hint.textContent = error ?? shown?.hint ?? (this.data.lesson ? "" : this.data.welcome[this.mode]);
    hint.classList.toggle("error", Boolean(error));
    words.textContent = shown?.words ?? "";
    if (this.mode === "digit") verdict.textContent = digits.length ? this.verdict(digits) : "";
    else verdict.replaceChildren(...digits.flatMap((d) => [d.sign, part("span", d.is_sure ? d.text : "?", !d.is_sure)]));
  }

  renderCards(digits, chosen) {
    const cards = this.mode === "number" ? digits.map((digit, index) => this.card(digit, index, digit === chosen)) : [];
    const focused = [...this.find(".cards").children].findIndex((card) => card.matches(":focus"));
    this.find(".cards").replaceChildren(...cards);
    cards[focused]?.focus({ preventScroll: true });
  }

  card(digit, index, isChosen) {
    const card = part("button", "", !digit.is_sure);
    card.type = "button";
    card.classList.add("card");
    card.setAttribute("aria-pressed", isChosen);
    const picture = part("img");
    picture.src = digit.picture;
    picture.alt = digit.is_sure ? `${digit.text},` : "";
    card.append(picture, part("span", digit.share));
    card.addEventListener("click", () => {
      this.chosen = index;
      this.render();
    });
    return card;
  }

  box({ box: [x0, y0, x1, y1], is_sure }) {
    const frame = part("i", "", !is_sure);
    const [wide, high] = [this.columns, this.data.rows];
    const [x, y] = [Math.max(x0 - FRAME, 0), Math.max(y0 - FRAME, 0)];
    const [width, height] = [Math.min(x1 + FRAME, wide) - x, Math.min(y1 + FRAME, high) - y];
    const shares = { left: x / wide, top: y / high, width: width / wide, height: height / high };
    for (const [name, share] of Object.entries(shares)) frame.style[name] = `${100 * share}%`;
    return frame;
  }

  renderLesson() {
    const { lesson } = this.data;
    this.pad.classList.toggle("in-lesson", Boolean(lesson));
    this.find(".lesson").hidden = !lesson;
    if (!lesson) return;
    this.find(".asked-for").replaceChildren(lesson.label === "8" ? "Draw an " : "Draw a ", part("strong", lesson.label));
    Object.assign(this.find("progress"), { max: lesson.of, value: lesson.done });
    this.find(".done").textContent = `${lesson.done} of ${lesson.of}`;
  }

  renderTeach(digit) {
    this.find(".teach").hidden = !this.data.is_taught || !digit;
    if (!digit) return;
    const which = this.mode === "number" && this.shown.digits.length > 1 ? "this digit" : "it";
    const asked = digit.taught
      ? ["It remembers this as ", part("strong", digit.taught), "."]
      : [`Wrong? Press the bar of what ${which} was, or write it.`];
    this.find(".asked").replaceChildren(...asked);
    this.find(".right").hidden = digit.taught === digit.text || !digit.named.length;
    this.find(".right").textContent = digit.is_sure ? "Right, remember it" : `Remember it as ${digit.text}`;
    this.find(".forget").hidden = !digit.taught;
  }

  makeBar(label) {
    const [bar, track, share] = [part("button"), part("div"), part("span")];
    bar.type = "button";
    [bar.className, track.className, share.className] = ["bar", "track", "share"];
    track.append(part("span"));
    track.firstChild.className = "fill";
    bar.append(part("span", label), track, share);
    bar.title = this.data.is_taught ? `It was ${label}: remember it` : "";
    bar.addEventListener("click", () => this.teach(label));
    return { label, bar };
  }

  renderBars(digit) {
    const shown = digit?.bars ?? DIGITS.map((label) => [label, 0, ""]);
    if (shown.length !== this.bars.length || shown.some(([label], index) => label !== this.bars[index].label)) {
      this.bars = shown.map(([label]) => this.makeBar(label));
      this.find(".bars").replaceChildren(...this.bars.map(({ bar }) => bar));
    }
    this.find(".bars").classList.toggle("unsure", digit ? !digit.is_sure : false);
    shown.forEach(([label, share, words], index) => {
      const { bar } = this.bars[index];
      bar.classList.toggle("named", digit?.named.includes(label) ?? false);
      bar.classList.toggle("is-taught", digit?.taught === label);
      bar.querySelector(".fill").style.width = `${100 * share}%`;
      bar.querySelector(".share").textContent = words;
    });
    const said = shown.flatMap(([label, , words]) => (words ? [`${label}: ${words}`] : []));
    this.find(".bars").setAttribute("aria-label", `Probabilities. ${said.join(", ")}`);
  }
}

const DIGITS = [..."0123456789"];
const BLANK = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="; // one clear pixel

function within(value, most) {
  return Math.round(100 * Math.min(Math.max(value, 0), most)) / 100;
}

function consume(event) {
  event.preventDefault();
  event.stopPropagation();
}

function leastSure(digits) {
  return digits.reduce((least, digit) => (least && least.confidence <= digit.confidence ? least : digit), undefined);
}

function part(kind, text = "", isUnsure = false) {
  const element = document.createElement(kind);
  element.textContent = text;
  element.classList.toggle("unsure", isUnsure);
  return element;
}
