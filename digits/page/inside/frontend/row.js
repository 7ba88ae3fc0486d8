// The row of stages: the strongest maps of each, which keep their places while they stay among the strongest.

const SLOTS = 8;
const BROADEST = 7; // CSS pixels, of a line between two maps

class Row {
  constructor(network) {
    this.network = network;
    this.stages = network.data.stages.map((stage, index) => this.stage(stage, index));
    this.links = drawn("svg", { class: "links", "aria-hidden": true }); // the panel says the same in numbers
    this.at = [0, 0]; // the stage and the part of it that the keyboard reaches
    const row = network.find(".row");
    row.replaceChildren(...this.stages.map(({ element }) => element));
    row.onkeydown = (event) => this.typed(event);
    this.reach(0, 0);
  }

  stage(stage, index) {
    const { kind, short, name, width, height, count } = stage;
    const element = part("div", "", "stage");
    element.dataset.kind = kind;
    const size = kind === "vote" ? "" : `${height}x${width}`;
    const title = button("", "title", () => this.choose(index, null));
    title.append(part("span", short), part("small", size));
    const isPicture = kind === "input";
    title.setAttribute(
      "aria-label",
      isPicture ? `${name}, ${size}` : kind === "vote" ? name : `${name}: all ${count} maps`,
    );
    const maps = part("div", "", "maps");
    const slots =
      kind === "vote"
        ? [...Array(10).keys()].map((digit) => this.bar(index, digit))
        : [...Array(Math.min(isPicture ? 1 : SLOTS, count)).keys()].map((place) => this.slot(index, place, name));
    maps.append(...slots.map((slot) => slot.element));
    element.append(title, maps);
    element.addEventListener("focusin", () => this.network.describe(index));
    element.addEventListener("pointermove", ({ movementX, movementY }) => {
      if (movementX || movementY) this.network.describe(index); // and not where the page moves under the pointer
    });
    return { element, title, slots, parts: [title, ...slots.map((slot) => slot.element)] };
  }

  slot(stage, place, name) {
    const element = button("", "map", (event) => this.choose(stage, this.stages[stage].slots[place].map, event));
    const [canvas, frame] = [part("canvas"), part("i")];
    frame.hidden = true;
    element.append(canvas, frame);
    element.setAttribute("aria-label", name); // until it shows a map
    return { element, canvas, frame, map: stage ? null : 0, name };
  }

  bar(stage, digit) {
    const element = button("", "bar", () => this.choose(stage, digit));
    const [track, share] = [part("span", "", "track"), part("span", "", "share")];
    track.append(part("span", "", "fill"));
    element.append(part("span", String(digit)), track, share);
    return { element, map: digit, fill: track.firstChild, share };
  }

  choose(stage, map, event) {
    const { network } = this;
    const { kind } = network.data.stages[stage];
    network.describe(stage);
    if (kind === "input") {
      if (network.data.isPlain) network.open(event?.detail ? pixelAt(event) : { x: 14, y: 14 }, true);
    } else if (kind === "vote") network.open({ stage, map: map ?? network.reply?.answer.digit ?? 0 }, true);
    else network.open(map === null ? { stage } : { stage, map }, true);
  }

  // What is shown

  show(reply) {
    this.color = inkOf(this.stages[0].slots[0].canvas);
    this.showPicture(reply);
    reply.stages.forEach((strongest, index) => this.showStage(index + 1, strongest));
    this.showBars(reply);
    this.mark();
  }

  showPicture({ picture }) {
    const [{ canvas, element }] = this.stages[0].slots;
    paint(canvas, bytes(picture), 28, 28, this.color);
    element.setAttribute("aria-label", "The drawing as the network gets it: look at its pixels");
  }

  give(slot, map, name) {
    // Have a place in the row show another map, or none.
    slot.map = map;
    slot.element.hidden = map === null;
    if (map !== null) slot.element.title = `${name}, map ${map + 1}`;
    slot.element.setAttribute("aria-label", slot.element.title);
  }

  showStage(index, { maps }) {
    const { slots } = this.stages[index];
    const { width, height, name } = this.network.data.stages[index];
    const pixels = new Map(maps);
    const stay = new Set(slots.map((slot) => slot.map).filter((map) => pixels.has(map)));
    const come = maps.map(([map]) => map).filter((map) => !stay.has(map));
    for (const slot of slots) {
      if (!stay.has(slot.map)) this.give(slot, come.shift() ?? null, name);
      if (slot.map !== null) paint(slot.canvas, bytes(pixels.get(slot.map)), width, height, this.color);
    }
  }

  showBars({ probabilities, answer }) {
    this.stages.at(-1).slots.forEach(({ element, fill, share }, digit) => {
      fill.style.width = `${100 * probabilities[digit]}%`;
      share.textContent = probabilities[digit] >= 0.001 ? answer.bars[digit] : "";
      element.classList.toggle("named", digit === answer.digit);
      element.classList.toggle("unsure", !answer.is_sure);
      element.setAttribute("aria-label", `${digit}: ${answer.bars[digit]}; its votes`);
    });
  }

  mark() {
    const { asked } = this.network;
    const marked = JSON.stringify([asked, this.stages.map(({ slots }) => slots.map((slot) => slot.map))]);
    if (marked === this.marked) return; // it takes longer than to paint
    this.marked = marked;
    this.stages.forEach(({ title, slots, element }, index) => {
      const isHere = asked?.stage === index || (!index && asked && "x" in asked);
      element.classList.toggle("chosen", Boolean(isHere));
      title.setAttribute("aria-pressed", Boolean(isHere && asked.map === undefined));
      for (const slot of slots)
        slot.element.setAttribute("aria-pressed", Boolean(isHere && (asked.map ?? 0) === slot.map));
    });
  }

  frame(regions) {
    // Mark in every stage the places that look at a pixel, or nothing.
    this.stages.forEach(({ slots }, index) => {
      const { width, height } = this.network.data.stages[index];
      for (const { frame } of slots) {
        if (!frame) continue;
        frame.hidden = !regions;
        if (!regions) continue;
        const [left, top, right, bottom] = regions[index];
        const shares = { left: left / width, top: top / height };
        Object.assign(shares, { width: (right + 1 - left) / width, height: (bottom + 1 - top) / height });
        for (const [name, share] of Object.entries(shares)) frame.style[name] = `${100 * share}%`;
      }
    });
  }

  link(added) {
    // Draw a line to what is looked at from each map of the stage before that is shown, as broad as what it adds or
    // takes away; added: by map.
    const { stage, map } = this.network.asked;
    const isIn = (slot) => slot.element.offsetParent;
    const target = this.stages[stage].slots.find((slot) => slot.map === map && isIn(slot));
    const sources = this.stages[stage - 1].slots.filter((slot) => added[slot.map] && isIn(slot));
    if (this.links.nextSibling !== this.stages[stage].element) this.stages[stage].element.before(this.links);
    const { top, width } = this.links.getBoundingClientRect();
    const middle = ({ element }) => {
      const box = element.getBoundingClientRect();
      return box.top + box.height / 2 - top;
    };
    const most = Math.max(...sources.map((slot) => Math.abs(added[slot.map])));
    const lines = (target ? sources : []).map((slot) => {
      const [from, to] = [middle(slot), middle(target)];
      return drawn("path", {
        d: `M0 ${from} C${width / 2} ${from} ${width / 2} ${to} ${width} ${to}`,
        "stroke-width": (BROADEST * Math.abs(added[slot.map])) / most,
        class: added[slot.map] < 0 ? "against" : "for",
      });
    });
    this.links.replaceChildren(...lines);
  }

  // By keyboard: the row is reached once, and arrow keys move in it

  typed(event) {
    const across = { ArrowRight: 1, ArrowLeft: -1 }[event.key] ?? 0;
    const down = { ArrowDown: 1, ArrowUp: -1 }[event.key] ?? 0;
    const at = this.position(event.target);
    if (!at || (!across && !down)) return;
    event.preventDefault();
    const isColumns = getComputedStyle(this.network.find(".row")).getPropertyValue("--columns").trim() === "1";
    const [dStage, dPart] = isColumns ? [across, down] : [down, across];
    const stage = Math.min(Math.max(at[0] + dStage, 0), this.stages.length - 1);
    const parts = this.visible(stage);
    this.reach(stage, Math.min(Math.max(at[1] + dPart, 0), parts.length - 1));
    this.visible(...this.at.slice(0, 1))[this.at[1]].focus();
  }

  visible(stage) {
    return this.stages[stage].parts.filter((each) => !each.hidden && each.offsetParent);
  }

  position(target) {
    const stage = this.stages.findIndex(({ element }) => element.contains(target));
    return stage < 0 ? null : [stage, Math.max(0, this.visible(stage).indexOf(target.closest("button")))];
  }

  reach(stage, place) {
    this.at = [stage, place];
    this.stages.forEach(({ parts }) => parts.forEach((each) => (each.tabIndex = -1)));
    const parts = this.visible(stage);
    (parts[place] ?? this.stages[stage].title).tabIndex = 0;
  }

  focus(stage, map) {
    const { slots, title } = this.stages[stage];
    const element = slots.find((slot) => slot.map === map && map !== undefined)?.element ?? title;
    this.reach(stage, Math.max(0, this.visible(stage).indexOf(element)));
    element.focus();
  }
}

function pixelAt({ clientX, clientY, currentTarget }) {
  const { left, top, width, height } = currentTarget.getBoundingClientRect();
  const [x, y] = [(clientX - left) / width, (clientY - top) / height].map((share) => Math.floor(28 * share));
  return { x: Math.min(Math.max(x, 0), 27), y: Math.min(Math.max(y, 0), 27) };
}

// All maps of a stage

PANELS.all = class {
  constructor(network, panel, { maps, favourites }) {
    const { stage } = network.asked;
    const { name, width, height } = network.data.stages[stage];
    Object.assign(this, { width, height });
    this.canvases = maps.map(() => part("canvas"));
    const tiles = maps.map((_, map) => {
      const tile = button("", "tile", () => network.open({ stage, map }, true));
      const likes = favourites[map] ? `mostly ${favourites[map].join(", ")}` : "";
      tile.append(this.canvases[map], part("span", `Map ${map + 1}`), part("small", likes));
      return tile;
    });
    const [words, grid] = [part("p", "", "sentence"), part("div", "", "tiles")];
    const named = favourites.length
      ? " Under each: the two digits that move it most, on average over digits of the training set."
      : "";
    words.textContent = `Bright is strong; all maps share one scale.${named}`;
    grid.append(...tiles);
    panel.append(head(network, `${name}: all ${maps.length} maps`), words, grid);
  }

  show(detail) {
    this.detail = detail;
    const color = inkOf(this.canvases[0]);
    detail.maps.forEach((pixels, map) => paint(this.canvases[map], bytes(pixels), this.width, this.height, color));
  }
};
