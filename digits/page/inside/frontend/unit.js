// One map in numbers: the patch, the kernel and their products, the sum, and the steps after it; and who looks at a
// pixel.

const SHOWN_INPUTS = 7; // maps of the layer before, those that add most; the others are one line
const OF_LINES = "the thicker its line above, the more a map adds or, in orange, takes away";
const DIGITS = 4; // decimals of values, weights, products and sums: the shown ones add up
const FINE = 5; // ... of what the normalisation divides by
const COARSE = 2; // ... of its result
const SLIDE = 220; // ms for a step of the kernel in slow motion

class Unit {
  // What panels with a map to move over have in common.
  constructor(network, panel) {
    this.network = network;
    this.panel = panel;
    this.at = null; // [column, row] that is looked at
  }

  canvas(label, width, height, find = (x, y) => [x, y]) {
    // A canvas on which the pointer and the arrow keys choose a place.
    const holder = part("div", "", "plot");
    const [canvas, frame] = [part("canvas"), part("i")];
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", label);
    holder.append(canvas, frame);
    const choose = (event) => {
      const box = canvas.getBoundingClientRect();
      const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
      this.move(...find(Math.floor(x * width), Math.floor(y * height)), event.type);
    };
    for (const kind of ["pointerdown", "pointermove"])
      canvas.addEventListener(kind, (event) => (event.pointerType === "mouse" || event.buttons) && choose(event));
    return { holder, canvas, frame };
  }

  withKeys({ canvas }) {
    canvas.tabIndex = 0;
    canvas.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!step) return;
      event.preventDefault();
      this.move(this.at[0] + step[0], this.at[1] + step[1], "key");
    });
  }

  within(x, y, width, height) {
    return [Math.min(Math.max(x, 0), width - 1), Math.min(Math.max(y, 0), height - 1)];
  }

  mark({ frame }, left, top, width, height, across, down) {
    const shares = { left: left / across, top: top / down, width: width / across, height: height / down };
    for (const [name, share] of Object.entries(shares)) frame.style[name] = `${100 * share}%`;
  }
}

class MapUnit extends Unit {
  // A map of a convolution or a pooling layer.
  constructor(network, panel, detail) {
    super(network, panel);
    const { stage, map } = network.asked;
    [this.from, this.to] = [network.data.stages[stage - 1], network.data.stages[stage]];
    this.map = map;
    this.take(detail);
    this.strongest();
    this.build();
  }

  take(detail) {
    this.detail = detail;
    this.after = floats(detail.after);
    this.before = detail.before && floats(detail.before);
    this.kernel = detail.kernel && floats(detail.kernel);
  }

  strongest() {
    const place = this.after.indexOf(Math.max(...this.after));
    this.at = [place % this.to.width, Math.floor(place / this.to.width)];
  }

  build() {
    const { from, to } = this;
    const [side, padding] = [this.reach, this.detail.padding ?? 0];
    const scale = this.detail.size ?? 1;
    const half = (side - 1) / 2;
    const here = (x, y) =>
      scale > 1
        ? [Math.floor(x / scale), Math.floor(y / scale)]
        : [x - Math.floor(half) + padding, y - Math.floor(half) + padding];
    this.source = this.canvas(`${from.name}: the map that is looked at, with the patch`, from.width, from.height, here);
    this.result = this.canvas(
      `${to.name}, map ${this.map + 1}; arrow keys move the place that is computed`,
      to.width,
      to.height,
    );
    this.withKeys(this.result);
    this.sourceName = part("figcaption");
    this.resultName = part("figcaption");
    this.tables = part("div", "", "tables");
    this.sum = part("div", "", "sum");
    this.slideButton = button("Slide slowly", "slide", () => (this.timer ? this.stop() : this.slide()));
    const line = head(this.network, `${to.name}, map ${this.map + 1}`);
    line.insertBefore(this.slideButton, line.lastChild);
    const body = part("div", "", "arithmetic");
    body.append(figure(this.source, this.sourceName), this.tables, figure(this.result, this.resultName));
    this.panel.append(line, body, this.sum);
  }

  get reach() {
    return this.detail.side ?? this.detail.size;
  }

  show(detail, reply) {
    if (detail !== this.detail) this.take(detail);
    paint(this.result.canvas, shades(this.after, Math.max(...this.after)), this.to.width, this.to.height);
    this.render();
  }

  move(x, y, by = "") {
    if (by !== "slide") this.stop();
    const { width, height } = this.to;
    const [left, top] = this.within(x, y, width, height);
    if (left === this.at[0] && top === this.at[1]) return;
    this.at = [left, top];
    this.render();
  }

  slide() {
    // In reading order, over the rows in which something happens.
    const { width, height } = this.to;
    const isBusy = (row) => new Set(this.after.slice(row * width, (row + 1) * width)).size > 1;
    const rows = [...Array(height).keys()].filter(isBusy);
    if (!rows.length) return;
    this.slideButton.textContent = "Stop";
    let [row, x] = [0, 0];
    this.timer = setInterval(() => {
      if (!this.panel.isConnected) return this.stop();
      this.move(x, rows[row], "slide");
      x += 1;
      if (x === width) [x, row] = [0, (row + 1) % rows.length];
    }, SLIDE);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.slideButton.textContent = "Slide slowly";
  }

  leave() {
    clearInterval(this.timer);
  }

  renderFrames(left, top) {
    const { from, to, at } = this;
    const side = this.reach;
    this.mark(this.source, left, top, side, side, from.width, from.height);
    this.mark(this.result, at[0], at[1], 1, 1, to.width, to.height);
    this.resultName.textContent = `Map ${this.map + 1}: row ${at[1] + 1}, column ${at[0] + 1}`;
  }
}

PANELS.convolution = class extends MapUnit {
  take(detail) {
    super.take(detail);
    this.inputs = this.order();
    if (this.input === undefined || !this.isPinned) this.input = this.inputs[0];
  }

  order() {
    // Maps of the layer before, those first that add most where this one is strongest; the order stays, wherever one
    // looks.
    const before = this.at;
    this.strongest();
    const added = this.contributions().map(Math.abs);
    this.at = before ?? this.at;
    return [...added.keys()].sort((one, other) => added[other] - added[one]);
  }

  contributions() {
    // What each map of the layer before adds at the place that is looked at.
    return [...Array(this.from.count).keys()].map((map) =>
      this.patch(map).reduce((sum, { product }) => sum + product, 0),
    );
  }

  patch(map) {
    // Values, weights and products of one map of the layer before; null where the kernel stands out over the edge.
    const { side, padding } = this.detail;
    const { count, width, height } = this.from;
    const cells = [];
    for (let dy = 0; dy < side; dy++)
      for (let dx = 0; dx < side; dx++) {
        const [x, y] = [this.at[0] + dx - padding, this.at[1] + dy - padding];
        const isInside = x >= 0 && y >= 0 && x < width && y < height;
        const value = isInside ? this.before[(y * width + x) * count + map] : 0;
        const weight = this.kernel[(dy * side + dx) * count + map];
        cells.push({ value, weight, product: value * weight, isInside });
      }
    return cells;
  }

  render() {
    const { detail, from, at } = this;
    const contributions = this.contributions();
    const total = contributions.reduce((sum, value) => sum + value, 0);
    const shown = inParts(contributions, total, DIGITS);
    this.renderFrames(at[0] - detail.padding, at[1] - detail.padding);
    this.sourceName.textContent = from.count === 1 ? from.name : `${from.name}, map ${this.input + 1}`;
    this.paintSource();
    this.renderTables(this.patch(this.input), shown[this.input]);
    this.renderSum(shown, Number(total.toFixed(DIGITS)));
    this.network.row.link(contributions);
  }

  paintSource() {
    const { count, width, height } = this.from;
    const values = Float32Array.from({ length: width * height }, (_, place) => this.before[place * count + this.input]);
    paint(this.source.canvas, shades(values, Math.max(...values)), width, height);
  }

  renderTables(cells, contribution) {
    const { glossary } = this.network.data;
    const { side } = this.detail;
    const products = inParts(
      cells.map(({ product }) => product),
      contribution,
      DIGITS,
    );
    const most = Math.max(...this.kernel.map(Math.abs));
    const strongest = Math.max(...cells.map(({ value }) => value), 1e-9);
    const largest = Math.max(...cells.map(({ product }) => Math.abs(product)), 1e-9);
    this.tables.replaceChildren(
      table(
        "Patch",
        side,
        cells.map((c) => [c.isInside ? signed(c.value, DIGITS) : "0", c.value / strongest, !c.isInside]),
      ),
      part("span", "\u00d7", "sign"),
      table(
        withTerms("[Kernel]", glossary),
        side,
        cells.map((c) => [signed(c.weight, DIGITS), c.weight / most, false]),
      ),
      part("span", "=", "sign"),
      table(
        "Products",
        side,
        cells.map((c, place) => [signed(products[place], DIGITS), c.product / largest, false]),
      ),
      part("output", `together ${withSign(contribution, DIGITS)}`, "contribution"),
    );
  }

  renderSum(shown, total) {
    const { glossary } = this.network.data;
    const lines = [];
    if (this.from.count > 1) lines.push(this.inputsLine(shown));
    const { bias, steps } = this.detail;
    let value = total;
    if (bias !== null) {
      value = Number((total + bias).toFixed(DIGITS));
      lines.push(
        line(["[Bias]: ", signed(total, DIGITS), ` ${plus(bias, DIGITS)} = `, value.toFixed(DIGITS)], glossary),
      );
    }
    lines.push(...stepLines(steps, value, glossary));
    this.sum.replaceChildren(...lines);
  }

  inputsLine(shown) {
    const most = this.inputs.slice(0, SHOWN_INPUTS);
    const list = most.includes(this.input) ? most : [...most.slice(0, -1), this.input];
    const others = shown.reduce((sum, value, map) => (list.includes(map) ? sum : sum + value), 0);
    const total = shown.reduce((sum, value) => sum + value, 0);
    const holder = part("div", "", "inputs");
    const tiles = list.map((map) => {
      const tile = button("", "input", () => {
        [this.input, this.isPinned] = [map, true];
        this.render();
        [...this.sum.querySelectorAll(".input")]
          .find((each) => each.ariaPressed === "true")
          ?.focus({ preventScroll: true });
      });
      tile.append(part("span", `map ${map + 1}`), part("b", withSign(shown[map], DIGITS)));
      tile.setAttribute("aria-pressed", map === this.input);
      return tile;
    });
    const rest = part("span", "", "rest");
    rest.append(part("span", `the other ${shown.length - list.length}`), part("b", withSign(others, DIGITS)));
    const sum = part("span", "", "rest");
    sum.append(part("span", "sum"), part("b", signed(total, DIGITS)));
    const words = part("p", `The ${shown.length} maps of the layer before, each with a kernel of its own, add up`);
    words.append(part("span", ` (${OF_LINES})`, "of-lines"), ":");
    holder.append(
      words,
      ...tiles,
      rest,
      part("span", "=", "sign"),
      sum,
    );
    return holder;
  }
};

PANELS.pooling = class extends MapUnit {
  render() {
    const { detail, from, at } = this;
    const { size } = detail;
    this.renderFrames(at[0] * size, at[1] * size);
    this.sourceName.textContent = `${from.name}, map ${this.map + 1}`;
    paint(this.source.canvas, shades(this.before, Math.max(...this.before)), from.width, from.height);
    const cells = [];
    for (let dy = 0; dy < size; dy++)
      for (let dx = 0; dx < size; dx++) cells.push(this.before[(at[1] * size + dy) * from.width + at[0] * size + dx]);
    const largest = Math.max(...cells);
    this.tables.replaceChildren(
      table(
        "Patch",
        size,
        cells.map((value) => [signed(value, DIGITS), value / (largest || 1), false]),
      ),
      part("output", `the largest: ${signed(largest, DIGITS)}`, "contribution"),
    );
    this.sum.replaceChildren(
      line([`The largest of the ${cells.length} stays: ${signed(largest, DIGITS)}.`], this.network.data.glossary),
      ...stepLines(detail.steps, largest, this.network.data.glossary),
    );
    this.network.row.link({ [this.map]: largest });
  }
};

PANELS.map = class extends MapUnit {
  // A map of a network whose arithmetic is not known.
  get reach() {
    return 1;
  }

  render() {
    const { width } = this.to;
    this.slideButton.hidden = true;
    this.source.holder.closest("figure").hidden = true;
    this.renderFrames(0, 0);
    const value = signed(this.after[this.at[1] * width + this.at[0]], DIGITS);
    this.sum.replaceChildren(
      line(
        [`Here it is ${value}. The arithmetic is shown for plain convolutional networks; this one has other layers.`],
        {},
      ),
    );
  }
};

PANELS.pixel = class extends Unit {
  // Who looks at a pixel of the drawing.
  constructor(network, panel, { x, y }) {
    super(network, panel);
    this.at = [x, y];
    this.picture = this.canvas("The drawing; arrow keys choose a pixel", 28, 28);
    this.withKeys(this.picture);
    this.name = part("figcaption");
    this.words = part("div", "", "looking");
    const body = part("div", "", "arithmetic large");
    body.append(figure(this.picture, this.name), this.words);
    panel.append(head(network, "Who looks at a pixel"), body);
  }

  move(x, y) {
    const at = this.within(x, y, 28, 28);
    if (at[0] === this.at[0] && at[1] === this.at[1]) return;
    this.at = at;
    this.network.asked = { x: at[0], y: at[1] };
    this.network.ask();
    this.mark(this.picture, ...at, 1, 1, 28, 28);
  }

  show(detail, reply) {
    this.detail = detail;
    const { stages } = this.network.data;
    paint(this.picture.canvas, bytes(reply.picture), 28, 28);
    this.mark(this.picture, ...this.at, 1, 1, 28, 28);
    this.name.textContent = `Row ${detail.y + 1}, column ${detail.x + 1}: ${signed(detail.value, COARSE)} of ink`;
    const list = part("ul");
    reply.stages.forEach(({ maps, there }, index) => {
      const [left, top, right, bottom] = detail.regions[index + 1];
      const stage = stages[index + 1];
      const [down, across] = [bottom - top + 1, right - left + 1];
      const places = down === stage.height && across === stage.width ? "all places" : `${down}x${across} places`;
      list.append(
        part(
          "li",
          `${stage.name}: ${places} look at it; map ${maps[0][0] + 1} reacts most (${signed(there ?? 0, COARSE)})`,
        ),
      );
    });
    const words = part(
      "p",
      "The frames above mark what looks at this pixel, in the maps that react to it most.",
    );
    this.words.replaceChildren(words, list);
  }
};

function figure(plot, caption) {
  const element = part("figure");
  element.append(plot.holder, caption);
  return element;
}

function table(caption, columns, cells) {
  // cells: [text, strength in [-1, 1], whether it lies outside] each.
  const element = part("table");
  const title = element.createCaption();
  title.append(...[caption].flat());
  for (let start = 0; start < cells.length; start += columns) {
    const row = element.insertRow();
    for (const [text, strength, isOutside] of cells.slice(start, start + columns)) {
      const cell = row.insertCell();
      cell.textContent = text;
      cell.style.setProperty("--share", `${Math.round(42 * Math.min(Math.abs(strength), 1))}%`);
      cell.className = isOutside ? "outside" : strength < 0 ? "negative" : "positive";
    }
  }
  return element;
}

function line(pieces, glossary) {
  const element = part("p", "", "sentence");
  element.append(...withTerms(pieces.join(""), glossary));
  return element;
}

function plus(value, digits) {
  return value < 0 ? `\u2212 ${signed(-value, digits)}` : `+ ${signed(value, digits)}`;
}

function minus(value, digits) {
  return plus(-value, digits);
}

function stepLines(steps, sum, glossary) {
  // The steps after the sum; each begins with the number, as it is shown, that the one before has ended with.
  let value = sum;
  let digits = DIGITS;
  return steps.map((step) => {
    const before = signed(value, digits);
    if (step.kind === "relu") {
      value = Math.max(0, value);
      return line([`[ReLU]: the larger of 0 and ${before} is `, signed(value, digits)], glossary);
    }
    const { mean, variance, gamma, beta, epsilon } = step;
    const [m, v, g, b] = [mean, variance, gamma, beta].map((number) => Number(number.toFixed(FINE)));
    value = Number(((g * (value - m)) / Math.sqrt(v + epsilon) + b).toFixed(COARSE));
    digits = COARSE;
    const root = `\u221a(${signed(v, FINE)} + ${epsilon})`;
    const scaled = `${signed(g, FINE)} \u00d7 (${before} ${minus(m, FINE)}) \u00f7 ${root}`;
    const formula = `${scaled} ${plus(b, FINE)} = ${signed(value, digits)}`;
    return line([`[Normalisation], with gamma, mean, variance and beta: ${formula}`], glossary);
  });
}
