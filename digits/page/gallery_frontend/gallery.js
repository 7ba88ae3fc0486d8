// The gallery in the browser: taught drawings to choose, to be relabelled or forgotten.
//
// Trigger "act": {names: [...], label, at, attempt}, of the chosen drawings; the label is null to forget them.
// `data` from Python: {drawings: [{name, label, picture}], longest_label, acted: the "at" of what was done last}.

const galleries = new WeakMap(); // by the element that Streamlit mounts the gallery in

export default function ({ data, parentElement, setTriggerValue }) {
  if (!galleries.has(parentElement)) galleries.set(parentElement, new Gallery(parentElement));
  galleries.get(parentElement).update(data, setTriggerValue);
}

class Gallery {
  constructor(root) {
    this.find = (name) => root.querySelector(name);
    this.chosen = new Set(); // names of drawings
    this.find(".tools").addEventListener("submit", (event) => {
      event.preventDefault();
      const label = this.find(".label").value.trim();
      if (label) this.act(label);
    });
    this.find(".forget").addEventListener("click", () => this.act(null));
  }

  act(label) {
    this.send({ names: [...this.chosen], label, at: Date.now() });
    this.chosen.clear();
    this.find(".label").value = "";
    this.mark();
  }

  send(act, attempt = 0) {
    this.setTriggerValue("act", { ...act, attempt });
    clearTimeout(this.waiting);
    const isLost = () => this.acted !== act.at && this.find(".tiles").isConnected;
    this.waiting = soon(attempt, () => isLost() && this.send(act, attempt + 1));
  }

  update(data, setTriggerValue) {
    Object.assign(this, { acted: data.acted, setTriggerValue });
    const focused = document.activeElement?.shadowRoot?.activeElement?.dataset?.name;
    this.chosen = new Set(data.drawings.map(({ name }) => name).filter((name) => this.chosen.has(name)));
    this.tiles = data.drawings.map((drawing) => this.tile(drawing));
    this.find(".tiles").replaceChildren(...this.tiles);
    this.find(".label").maxLength = data.longest_label;
    this.tiles.find((tile) => tile.dataset.name === focused)?.focus({ preventScroll: true });
    this.mark();
  }

  tile({ name, label, picture }) {
    const [tile, image, words] = ["button", "img", "span"].map((kind) => document.createElement(kind));
    tile.type = "button";
    tile.className = "tile";
    tile.dataset.name = name;
    image.src = picture;
    image.alt = "A drawing of";
    words.textContent = label;
    tile.append(image, words);
    tile.addEventListener("click", () => {
      if (!this.chosen.delete(name)) this.chosen.add(name);
      this.mark();
    });
    return tile;
  }

  mark() {
    const count = this.chosen.size;
    for (const tile of this.tiles) tile.setAttribute("aria-pressed", this.chosen.has(tile.dataset.name));
    for (const part of this.find(".tools").elements) part.disabled = !count;
    this.find(".chosen").textContent = count ? `${count} chosen` : "Choose drawings to relabel or forget them.";
  }
}
