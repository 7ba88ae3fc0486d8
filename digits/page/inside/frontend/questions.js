// Questions about the drawing: what would change its mind, what it has seen, which ink counts.

const QUESTIONS = {
  change: "What would change its mind?",
  seen: "What has it seen that looks like this?",
  ink: "Which ink speaks for it?",
};
const WAITING = {
  change: "Trying hundreds of small strokes and erasures \u2026",
  seen: "Comparing with 5,000 digits \u2026",
  ink: "Erasing every part of the ink in turn \u2026",
};

class Questions {
  constructor(network) {
    this.network = network;
    this.buttons = Object.entries(QUESTIONS).map(([question, words]) => [
      question,
      button(words, "question", () => this.ask(question)),
    ]);
    network.find(".questions").replaceChildren(...this.buttons.map(([, element]) => element));
  }

  ask(question, digit = this.network.reply?.answer.digit ?? 0) {
    const { network } = this;
    network.open({ question, digit }, true);
    const panel = network.find(".panel");
    if (!network.panel) {
      panel.hidden = false;
      const waiting = part("p", WAITING[question], "sentence");
      waiting.setAttribute("role", "status");
      panel.replaceChildren(waiting);
    }
  }

  mark() {
    for (const [question, element] of this.buttons)
      element.setAttribute("aria-pressed", this.network.asked?.question === question);
  }
}

PANELS.change = class {
  constructor(network, panel, detail) {
    this.detail = detail;
    const figures = part("div", "", "changes");
    figures.append(...detail.changes.map((change) => this.figure(change, detail, network.reply.picture)));
    const none = "Nothing small would: no stroke and no erasure that was tried makes it another digit.";
    const words = detail.changes.length ? "The smallest change that was found; everything else stays as it is." : none;
    panel.append(head(network, QUESTIONS.change), part("p", words, "sentence"), figures);
  }

  figure(change, detail, picture) {
    const [element, words] = [part("figure"), part("figcaption")];
    const size = `${change.percent} % of the digit's size`;
    const what = change.kind === "stroke" ? `A stroke as long as ${size}` : `Erasing ink as long as ${size}`;
    const { answer } = change;
    words.append(
      `${what} makes it `,
      part("strong", aDigit(answer.digit)),
      answer.is_sure ? ` (${answer.share} sure).` : ` (${answer.text.toLowerCase()}).`,
    );
    const after = part("img");
    Object.assign(after, {
      src: change.picture,
      alt: `What the network then gets: it says ${answer.digit}`,
      className: "pixels",
    });
    const both = part("div", "", "both");
    both.append(overlay(change, detail, picture), part("span", "\u2192", "sign"), after);
    element.append(both, words);
    return element;
  }

  show() {}
};

PANELS.seen = class {
  constructor(network, panel, detail) {
    this.detail = detail;
    const tiles = part("div", "", "tiles");
    tiles.append(
      ...detail.digits.map(({ picture, label, similarity }) => {
        const [tile, image] = [part("figure", "", "tile"), part("img", "", "pixels")];
        Object.assign(image, { src: picture, alt: `${aDigit(label)} of the training set` });
        tile.append(image, part("figcaption", aDigit(label)), part("small", `${Math.round(100 * similarity)} % alike`));
        return tile;
      }),
    );
    const words =
      "Among 5,000 of the digits that it learned from, these look most like yours, to its last layer and to the eye.";
    panel.append(head(network, QUESTIONS.seen), part("p", words, "sentence"), tiles);
  }

  show() {}
};

PANELS.ink = class {
  constructor(network, panel, detail) {
    this.detail = detail;
    const choice = part("div", "", "choice");
    choice.setAttribute("role", "group");
    choice.setAttribute("aria-label", "Digit");
    choice.append(
      ...[...Array(10).keys()].map((digit) => {
        const element = button(String(digit), "", () => network.questions.ask("ink", digit));
        element.setAttribute("aria-pressed", digit === detail.digit);
        return element;
      }),
    );
    const image = part("img", "", "pixels heat");
    Object.assign(image, { src: detail.picture, alt: `Which ink speaks for and against ${aDigit(detail.digit)}` });
    const colours = `Blue ink speaks for ${aDigit(detail.digit)}, orange ink against it`;
    const words = `${colours}: each part is erased in turn, to see how the answer changes.`;
    panel.append(head(network, QUESTIONS.ink), choice, image, part("p", words, "sentence"));
  }

  show() {}
};

function overlay({ kind, points, radius, answer }, { strokes }, picture) {
  // The drawing with what is drawn on it, or erased from it.
  const all = [...strokes.flat(), ...points];
  const [xs, ys] = [all.map(([x]) => x), all.map(([, y]) => y)];
  const low = [Math.min(...xs), Math.min(...ys)];
  const side = strokes.length ? Math.max(Math.max(...xs) - low[0], Math.max(...ys) - low[1]) : 28;
  const margin = strokes.length ? Math.max(0.15 * side, 1.15 * (radius ?? 0)) : 0; // room for the pen, and for the ring
  const middle = strokes.length ? [(low[0] + Math.max(...xs)) / 2, (low[1] + Math.max(...ys)) / 2] : [14, 14];
  const box = [middle[0] - side / 2 - margin, middle[1] - side / 2 - margin, side + 2 * margin, side + 2 * margin];
  const pen = strokes.length ? side * 0.09 : 2.4;
  const label =
    kind === "stroke" ? "The drawing with a short stroke added" : "The drawing with a part of it marked for erasure";
  const svg = drawn("svg", {
    viewBox: box.join(" "),
    role: "img",
    "aria-label": `${label}: then it is ${aDigit(answer.digit)}`,
  });
  if (!strokes.length) {
    const canvas = part("canvas");
    canvas.style.color = getComputedStyle(document.body).color;
    document.body.append(canvas);
    paint(canvas, bytes(picture), 28, 28);
    canvas.remove();
    svg.append(drawn("image", { href: canvas.toDataURL(), width: 28, height: 28, class: "pixels" }));
  }
  for (const stroke of strokes)
    svg.append(
      drawn("polyline", {
        points: (stroke.length > 1 ? stroke : [stroke[0], stroke[0]]).join(" "),
        "stroke-width": pen,
        class: "ink",
      }),
    );
  svg.append(
    kind === "stroke"
      ? drawn("polyline", { points: points.join(" "), "stroke-width": pen, class: "added" })
      : drawn("circle", { cx: points[0][0], cy: points[0][1], r: radius, "stroke-width": pen / 3, class: "erased" }),
  );
  return svg;
}
