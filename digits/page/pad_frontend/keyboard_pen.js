// The pen in the hand of the keyboard: arrow keys move it over the canvas, Space puts it down and lifts it.

const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const [SHORT, LONG] = [0.5, 2.5]; // cells that the pen goes at a press, and with Shift

class KeyboardPen {
  constructor(pad) {
    this.pad = pad;
    this.held = new Set(); // arrow keys: two of them go aslant
    this.place = null; // in cells
    this.isDown = false;
    pad.canvas.addEventListener("keyup", ({ key }) => this.held.delete(key));
    pad.canvas.addEventListener("blur", () => this.leave());
    pad.canvas.addEventListener("pointerdown", () => this.leave());
  }

  typed({ key, shiftKey, repeat }) {
    // Do what a key says; tell whether it says anything.
    if (key === " ") {
      if (!repeat) this.isDown ? this.lift() : this.lower();
    } else if (key === "Escape" && this.isDown) this.lift();
    else if (key in WAYS) {
      this.held.add(key);
      this.move(shiftKey ? LONG : SHORT);
    } else return false;
    return true;
  }

  lower() {
    this.place ??= this.pad.middle;
    this.isDown = this.pad.begin("keyboard", "keyboard");
    if (this.isDown) this.pad.draw([this.place]);
    this.show();
    this.pad.say(this.isDown ? `Pen down at ${this.words}` : this.pad.data.full);
  }

  move(step) {
    const [x, y] = this.place ?? this.pad.middle;
    const [byX, byY] = [0, 1].map((axis) => [...this.held].reduce((sum, key) => sum + WAYS[key][axis], 0) * step);
    this.place = [within(x + byX, this.pad.columns), within(y + byY, this.pad.data.rows)];
    if (this.isDown) this.pad.draw([this.place]);
    this.show();
    this.pad.say(this.words);
  }

  lift() {
    this.isDown = false;
    this.show();
    this.pad.say("Pen up");
    this.pad.release();
  }

  leave() {
    this.held.clear();
    if (this.isDown) this.lift();
    this.pad.find(".pen").hidden = true;
  }

  show() {
    const cross = this.pad.find(".pen");
    cross.hidden = false;
    cross.classList.toggle("down", this.isDown);
    cross.style.left = `${(100 * this.place[0]) / this.pad.columns}%`;
    cross.style.top = `${(100 * this.place[1]) / this.pad.data.rows}%`;
  }

  get words() {
    return `column ${Math.round(this.place[0])}, row ${Math.round(this.place[1])}`;
  }
}
