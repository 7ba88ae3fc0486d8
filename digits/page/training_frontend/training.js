// A training as it goes on, or beside another: the curves of its accuracy, what it answers to some pictures, and the
// kernels of its first convolution. Everything stays in its place and only changes, so that nothing flickers.
//
// `data` from Python: {curves: [{kind, name, points: [[images seen, share], ...]}, ...], images: seen in the end,
//   probes: [{kind, name, picture, label, shares: ten}, ...], kernels: [nine numbers, ...], is_live}.
// Kinds of curves: "main", "plain", "seen" (of training images); of probes: "example", "own".

const views = new WeakMap(); // by the element that Streamlit mounts the view in
const MARGIN = { left: 48, right: 12, top: 8, bottom: 40 }; // CSS pixels
const CHANCE = 0.1;
const SVG = "http://www.w3.org/2000/svg";

export default function ({ data, parentElement }) {
  if (!views.has(parentElement)) views.set(parentElement, new View(parentElement));
  views.get(parentElement).update(data);
}

class View {
  constructor(root) {
    this.find = (name) => root.querySelector(name);
    this.page = (root.getRootNode().host ?? root).closest('[data-testid="stMain"]');
    new ResizeObserver(() => this.data && this.draw()).observe(this.find(".chart"));
  }

  update(data) {
    // Whoever starts a training far down the page sees it begin.
    if (data.is_live && !this.data?.is_live) this.page?.scrollTo({ top: 0 });
    this.data = data;
    this.draw();
    this.find(".answers").hidden = !data.probes.length;
    keep(this.find(".probes"), data.probes, makeProbe, fillProbe);
    this.find(".filters").hidden = !data.kernels.length;
    this.find(".kernels").setAttribute("aria-label", `${data.kernels.length} kernels of three by three numbers`);
    const strongest = Math.max(1e-9, ...data.kernels.flat().map(Math.abs));
    keep(this.find(".kernels"), data.kernels, makeKernel, (kernel, values) => fillKernel(kernel, values, strongest));
  }

  draw() {
    const { curves, images } = this.data;
    keep(this.find(".legend"), curves, makeKey, fillKey);
    const chart = this.find(".chart");
    const { width, height } = chart.getBoundingClientRect();
    if (!width) return; // in a tab that is not open
    const most = Math.max(images, ...curves.flatMap(({ points }) => points.map(([seen]) => seen)), 1);
    const x = (seen) => MARGIN.left + ((width - MARGIN.left - MARGIN.right) * seen) / most;
    const y = (share) => height - MARGIN.bottom - (height - MARGIN.bottom - MARGIN.top) * share;
    const parts = [];
    for (let share = 0; share <= 1; share += 0.25) {
      parts.push(line("grid", x(0), x(most), y(share)), text(MARGIN.left - 8, y(share) + 4, percent(share, 0), "end"));
    }
    parts.push(line("chance", x(0), x(most), y(CHANCE)), text(x(most), y(CHANCE) - 4, "chance: 10\u00a0%", "end"));
    const step = roundStep(most / Math.max(2, Math.floor(width / 120)));
    for (let seen = 0; seen <= most; seen += step) {
      parts.push(text(x(seen), height - MARGIN.bottom + 18, seen.toLocaleString("en"), seen ? "middle" : "start"));
    }
    parts.push(text((x(0) + x(most)) / 2, height - 4, "images seen", "middle"));
    for (const { kind, points } of curves) {
      if (!points.length) continue;
      const places = points.map(([seen, share]) => [x(seen), y(share)]);
      const joined = places.map(([left, top]) => `${left.toFixed(1)},${top.toFixed(1)}`).join(" ");
      parts.push(element("polyline", { class: kind, points: joined }));
      const [left, top] = places.at(-1);
      if (kind !== "seen") parts.push(element("circle", { class: kind, cx: left, cy: top, r: 4 }));
    }
    chart.setAttribute("viewBox", `0 0 ${width} ${height}`);
    chart.setAttribute("aria-label", `Accuracy over the images seen. ${curves.map(inWords).join("; ")}`);
    chart.replaceChildren(...parts);
  }
}

// Make the children of a place as many as there are values, and fill each with its value.
function keep(place, values, make, fill) {
  while (place.children.length > values.length) place.lastElementChild.remove();
  while (place.children.length < values.length) place.append(make());
  values.forEach((value, at) => fill(place.children[at], value));
}

function makeKey() {
  const key = document.createElement("span");
  key.append(document.createElement("i"), document.createElement("span"), " ", document.createElement("b"));
  return key;
}

function fillKey(key, { kind, name, points }) {
  const [sample, words, share] = key.children;
  sample.className = kind;
  words.textContent = name;
  share.textContent = points.length ? percent(points.at(-1)[1]) : "";
}

function makeProbe() {
  const probe = document.createElement("li");
  const picture = document.createElement("img");
  const answer = document.createElement("div");
  answer.className = "answer";
  answer.append("", document.createElement("small"));
  const bars = document.createElement("div");
  bars.className = "bars";
  bars.setAttribute("aria-hidden", "true");
  for (let digit = 0; digit < 10; digit++) {
    const bar = document.createElement("div");
    bar.append(document.createElement("i"), document.createElement("span"));
    bar.lastElementChild.textContent = digit;
    bars.append(bar);
  }
  probe.append(picture, answer, bars);
  return probe;
}

function fillProbe(probe, { kind, name, picture, label, shares }) {
  const [image, answer, bars] = probe.children;
  const best = shares.indexOf(Math.max(...shares));
  const standing = label === null ? "" : best === label ? "right" : "wrong";
  probe.className = `probe ${kind} ${standing}`;
  if (image.src !== picture) image.src = picture;
  image.alt = name;
  answer.firstChild.textContent = best;
  answer.lastElementChild.textContent = percent(shares[best]) + (standing === "wrong" ? `, is a ${label}` : "");
  shares.forEach((share, digit) => {
    const bar = bars.children[digit];
    bar.className = digit === best ? "best" : "";
    bar.firstElementChild.style.height = `${100 * share}%`;
  });
}

function makeKernel() {
  const kernel = document.createElement("div");
  kernel.className = "kernel";
  return kernel;
}

function fillKernel(kernel, values, strongest) {
  keep(kernel, values, () => document.createElement("i"), (cell, value) => {
    const share = Math.round((100 * Math.abs(value)) / strongest);
    cell.style.background = `color-mix(in srgb, var(--${value < 0 ? "doubt" : "accent"}) ${share}%, var(--paper))`;
  });
}

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

const line = (kind, x1, x2, y) => element("line", { class: kind, x1, x2, y1: y, y2: y });

function text(x, y, words, anchor) {
  const made = element("text", { x, y, "text-anchor": anchor });
  made.textContent = words;
  return made;
}

// The next larger of 1, 2, 5, 10, 20, 50, ...
function roundStep(least) {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return [1, 2, 5, 10].map((times) => times * power).find((step) => step >= least);
}

function percent(share, decimals = 1) {
  const shown = share < 1 ? Math.min(100 * share, decimals ? 99.9 : 99) : 100; // never rounded up to all
  return `${shown.toFixed(decimals && shown < 100 ? decimals : 0)}\u00a0%`;
}

const inWords = ({ name, points }) => `${name}: ${points.length ? percent(points.at(-1)[1]) : "nothing yet"}`;
