// The network in the browser: it follows the pen, and shows any part of it in numbers.
//
// `data` from Python: {stages: [{name, short, kind, height, width, count, sentence}], glossary, address, model,
// isPlain, example, chosen, reply}; the first stage is the drawing, the last the ten digits. example and chosen are
// base64 pictures. What is asked and answered is described in `looks.py`. The pad tells the window of every change of its
// drawing ("paddrawing").
//
// A question goes to the route at `address`, in ten milliseconds or so; where that cannot be reached, as on hosts that
// run the page as a plain script, it goes the way of all components, as the state "question", and comes back as
// data.reply. One question is asked at a time, and the next one as soon as it is answered. The trigger "left" says that
// the pad is drawn on while a chosen picture is looked at.

const RETRY = 400; // ms, after a server that has too much to do
const PATIENCE = 5000; // ms after which a question by way of Streamlit, which loses some, is asked again ...
const LONGEST = 80000; // ... after twice the time each time, up to this
const AGAIN = 1000; // ms after which "left" is said again

const networks = new WeakMap(); // by the element that Streamlit mounts the network in

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  if (!networks.has(parentElement)) networks.set(parentElement, new Network(parentElement, data));
  const network = networks.get(parentElement);
  network.update(data, setStateValue, setTriggerValue);
}

class Network {
  constructor(root, data) {
    this.root = root;
    this.find = (name) => root.querySelector(name);
    this.element = this.find(".network");
    this.data = data;
    this.pad = window.padDrawing ?? null; // what is on the pad
    this.asked = null; // what is shown in detail: see looks.py
    this.place = null; // the digit of a number that is looked at
    this.reply = null;
    this.isBusy = this.isWanted = false;
    this.hasRoute = true;
    this.patience = PATIENCE;
    this.follow = ({ detail }) => this.drawn(detail);
    window.addEventListener("paddrawing", this.follow);
    this.row = new Row(this);
    this.questions = new Questions(this);
    this.element.addEventListener("keydown", (event) => event.key === "Escape" && this.escape(event));
    new ResizeObserver(() => this.show()).observe(this.element);
    this.explain();
  }

  update(data, setStateValue, setTriggerValue) {
    const isOther = JSON.stringify(data.stages) !== JSON.stringify(this.data.stages);
    const isNew = data.chosen !== this.chosen || data.model !== this.data.model || !this.reply;
    this.hasRoute ||= data.address !== this.data.address;
    Object.assign(this, { data, setStateValue, setTriggerValue });
    if (data.chosen !== this.chosen) {
      clearTimeout(this.leaving);
      this.leaving = null;
      this.chosen = data.chosen;
      this.chosenAt = this.pad?.version; // the next stroke on the pad is looked at again
    }
    if (isOther) {
      this.open(null);
      this.row = new Row(this);
      this.explain();
    }
    if (this.waiting && data.reply?.ask === this.waiting.ask) this.waiting.take(data.reply);
    if (isNew) this.ask();
    else this.show(); // the theme may be another
  }

  drawn(pad) {
    if (!this.element.isConnected) return window.removeEventListener("paddrawing", this.follow); // taken away
    const isOther = pad.version !== this.pad?.version || pad.columns !== this.pad?.columns;
    this.pad = pad;
    if (!isOther) return;
    this.leave();
    if (this.asked?.question) this.open(null); // the answer would be about another drawing
    this.ask();
  }

  leave() {
    // What was chosen is looked at no longer: say so until Python knows, since Streamlit loses some triggers.
    if (this.leaving || !this.chosen || this.isChosen || !this.element.isConnected) return;
    this.setTriggerValue("left", true);
    this.leaving = setTimeout(() => ((this.leaving = null), this.leave()), AGAIN);
  }

  get isExample() {
    return !this.isChosen && !this.pad?.strokes.length;
  }

  get isChosen() {
    return Boolean(this.chosen) && this.chosenAt === this.pad?.version;
  }

  question() {
    const version = this.pad?.version ?? 0;
    const base = { version, asked: this.asked };
    if (this.isChosen) return { ...base, picture: this.chosen };
    if (this.isExample) return { ...base, picture: this.data.example };
    return { ...base, columns: this.pad.columns, strokes: this.pad.strokes, digit: this.place };
  }

  async ask() {
    if (this.isBusy) {
      this.isWanted = true;
      return;
    }
    this.isBusy = true;
    const question = this.question();
    try {
      this.take(question, await this.send(question));
    } finally {
      this.isBusy = false;
      if (this.isWanted && this.element.isConnected) {
        this.isWanted = false;
        this.ask();
      }
    }
  }

  async send(question) {
    while (this.hasRoute && this.element.isConnected) {
      try {
        const address = new URL(this.data.address, location.href.split(/[?#]/)[0]);
        const answer = await fetch(address, { method: "POST", body: JSON.stringify(question) });
        if (answer.ok) return await answer.json();
        if (answer.status === 503) await new Promise((done) => setTimeout(done, RETRY));
        else this.hasRoute = false;
      } catch {
        this.hasRoute = false;
      }
    }
    return this.sendByStreamlit(question);
  }

  sendByStreamlit(question) {
    this.asks = (this.asks ?? 0) + 1;
    const ask = this.asks;
    return new Promise((done) => {
      this.waiting = { ask, take: done };
      this.setStateValue("question", { ...question, ask });
      setTimeout(() => done(null), this.patience);
    });
  }

  take(question, reply) {
    if (!reply) {
      this.isWanted = true;
      this.patience = Math.min(2 * this.patience, LONGEST);
      return;
    }
    this.patience = PATIENCE;
    this.reply = reply;
    this.element.classList.toggle("failed", Boolean(reply.error));
    if (reply.error) {
      this.find(".verdict").textContent = reply.error;
      return;
    }
    const isCurrent = JSON.stringify(question.asked) === JSON.stringify(this.asked);
    if (isCurrent) this.detail = reply.detail ?? null;
    this.show(isCurrent);
    this.element.dataset.version = reply.version; // last: now all of it is there
  }

  open(asked, focus = false) {
    // Show something in detail, or nothing.
    this.asked = asked;
    this.detail = null;
    this.wantsFocus = focus;
    if (!asked || asked.stage !== this.panel?.stage) this.closePanel();
    this.row.mark();
    this.questions.mark();
    this.ask(); // with nothing in detail, every stage shows its strongest maps again
  }

  closePanel() {
    this.panel?.leave?.();
    this.panel = null;
    this.find(".panel").hidden = true;
    this.find(".panel").replaceChildren();
    this.row.frame(null);
    this.row.links.remove();
  }

  escape(event) {
    if (!this.asked || event.target.closest?.(".term")) return;
    event.stopPropagation();
    const { stage, map } = this.asked;
    this.open(null);
    this.row.focus(stage ?? 0, map);
  }

  explain() {
    // All stages' sentences lie on each other, all but one unseen: what is below stays where it is, whichever is read.
    const { stages, glossary } = this.data;
    const sentences = stages.map(({ name, sentence, height, width, count, kind }) => {
      const size =
        kind === "vote" ? "ten digits" : kind === "input" ? `${height}x${width}` : `${count} maps, ${height}x${width}`;
      const [element, title, words] = [part("div"), part("h3"), part("p", "", "sentence")];
      title.append(part("span", name), part("small", size));
      words.append(...withTerms(sentence, glossary));
      element.append(title, words);
      return element;
    });
    this.find(".about").replaceChildren(...sentences);
    this.describe(0);
  }

  describe(stage) {
    [...this.find(".about").children].forEach((each, index) => each.classList.toggle("read", index === stage));
  }

  show(hasDetail = false) {
    const { reply } = this;
    if (!reply || reply.error) return;
    this.showAnswer(reply);
    this.row.show(reply);
    if (hasDetail && this.asked && this.detail) this.showDetail();
    else if (this.panel) this.panel.show(this.detail ?? this.panel.detail, reply);
  }

  showAnswer({ answer, digits, place }) {
    const verdict = this.find(".verdict");
    const sure = answer.is_sure
      ? [part("strong", answer.text), ` ${answer.share} sure`]
      : [part("strong", answer.text)];
    verdict.classList.toggle("unsure", !answer.is_sure);
    const text = sure.map((each) => each.textContent ?? each).join("");
    if (verdict.textContent !== text) verdict.replaceChildren(...sure);
    this.find(".source").textContent = this.isChosen
      ? "From the history. Draw on the pad to go on with that."
      : this.isExample
        ? "An example. Draw on the pad, and the network follows your pen."
        : "";
    this.showPlaces(digits, place);
  }

  showPlaces(digits, place) {
    const places = this.find(".places");
    places.hidden = digits.length < 2;
    const said = digits.join(" ");
    if (places.dataset.said !== said)
      places.replaceChildren(
        ...digits.map((text, index) => button(text, "", () => ((this.place = index), this.ask()))),
      );
    places.dataset.said = said;
    [...places.children].forEach((each, index) => each.setAttribute("aria-pressed", index === place));
  }

  showDetail() {
    const { detail } = this;
    const panel = this.find(".panel");
    const key = JSON.stringify([detail.kind, "x" in this.asked ? null : this.asked.stage, this.asked.map]);
    if (!this.panel || this.panel.key !== key || this.asked.question) {
      this.closePanel();
      panel.hidden = false;
      this.panel = new PANELS[detail.kind](this, panel, detail);
      Object.assign(this.panel, { key, stage: this.asked.stage });
      panel.dataset.kind = detail.kind;
      this.panel.show(detail, this.reply);
      if (this.wantsFocus) panel.querySelector("[data-first]")?.focus({ preventScroll: true });
      panel.scrollIntoView?.({ block: "nearest", behavior: calm() ? "auto" : "smooth" });
      this.wantsFocus = false;
    } else this.panel.show(detail, this.reply);
    this.row.frame(detail.kind === "pixel" ? detail.regions : null);
  }
}

function calm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

function part(kind, text = "", className = "") {
  const element = document.createElement(kind);
  element.textContent = text;
  element.className = className;
  return element;
}

function button(text, className, act) {
  const element = part("button", text, className);
  element.type = "button";
  element.addEventListener("click", act);
  return element;
}

function drawn(kind, attributes) {
  // A part of an SVG picture.
  const element = document.createElementNS("http://www.w3.org/2000/svg", kind);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function head(network, title) {
  // The title of a panel, with the button that closes it.
  const [line, name] = [part("div", "", "panel-head"), part("h3", title)];
  name.tabIndex = -1;
  name.dataset.first = "";
  line.append(
    name,
    button("Close", "close", () => network.open(null)),
  );
  return line;
}

function bytes(text) {
  const letters = atob(text);
  const values = new Uint8Array(letters.length);
  for (let place = 0; place < letters.length; place++) values[place] = letters.charCodeAt(place);
  return values;
}

function floats(text) {
  return new Float32Array(bytes(text).buffer);
}

function inkOf(element) {
  // The colour of ink in an element, as the first three bytes of a pixel; asked for once, since it takes a layout.
  const [red, green, blue] = getComputedStyle(element)
    .color.match(/[\d.]+/g)
    .map(Number);
  return (blue << 16) | (green << 8) | red;
}

function paint(canvas, values, width, height, color = inkOf(canvas)) {
  // A map of 0 to 255, in the colour of ink on the canvas's paper.
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  const image = new ImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let place = 0; place < values.length; place++) pixels[place] = (values[place] << 24) | color;
  canvas.getContext("2d").putImageData(image, 0, 0);
}

function shades(values, most) {
  return Uint8Array.from(values, (value) => 255 * Math.min(Math.max(value / (most || 1), 0), 1) ** 0.7);
}

function aDigit(digit) {
  return `${digit === 8 ? "an" : "a"} ${digit}`;
}

function signed(value, digits) {
  const text = Math.abs(value).toFixed(digits);
  return `${value < 0 && Number(text) ? "\u2212" : ""}${text}`; // never "-0.00"
}

function withSign(value, digits) {
  const text = signed(value, digits);
  return text.startsWith("\u2212") ? text : `+${text}`;
}

function inParts(values, total, digits) {
  // Round numbers so that the rounded ones add up to the rounded total (largest remainders).
  const unit = 10 ** digits;
  const rounded = values.map((value) => Math.round(value * unit));
  let left = Math.round(total * unit) - rounded.reduce((sum, value) => sum + value, 0);
  const rest = values.map((value, place) => [value * unit - rounded[place], place]);
  rest.sort(([one], [other]) => (left > 0 ? other - one : one - other));
  for (let turn = 0; left && rest.length; turn++) {
    rounded[rest[turn % rest.length][1]] += Math.sign(left);
    left -= Math.sign(left);
  }
  return rounded.map((value) => value / unit);
}

const PANELS = {}; // by the kind of a detail; each has show(detail, reply), and leave() where something goes on
