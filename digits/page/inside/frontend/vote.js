// The last stage: which maps vote for and against each digit, the logits, and how they become probabilities.

const NAMED_VOTES = 7; // maps for and against that have a line of their own ...
const SMALL_VOTE = 0.05; // ... of those against, two and others down to this share of the largest vote
const VOTE_DIGITS = 3; // decimals of votes and logits

PANELS.vote = class {
  constructor(network, panel) {
    this.network = network;
    this.digit = network.asked.map;
    this.choice = part("div", "", "choice");
    this.choice.setAttribute("role", "group");
    this.choice.setAttribute("aria-label", "Digit");
    this.choice.append(...[...Array(10).keys()].map((digit) => button(String(digit), "", () => this.choose(digit))));
    this.votes = part("div", "", "votes");
    this.softmax = part("div", "", "softmax");
    const body = part("div", "", "halves");
    body.append(this.votes, this.softmax);
    panel.append(head(network, "Votes and probabilities"), this.choice, body);
  }

  choose(digit) {
    this.network.asked = { ...this.network.asked, map: digit };
    this.network.row.mark();
    this.digit = digit;
    this.panelKey();
    this.show(this.detail);
    this.network.ask(); // for the maps that vote on it
  }

  panelKey() {
    this.key = JSON.stringify([this.detail.kind, this.network.asked.stage, this.digit]);
  }

  show(detail) {
    this.detail = detail;
    [...this.choice.children].forEach((each, digit) => each.setAttribute("aria-pressed", digit === this.digit));
    this.showVotes(floats(detail.votes));
    this.showSoftmax();
  }

  showVotes(votes) {
    const { digit, detail } = this;
    const mine = [...Array(detail.maps).keys()].map((map) => votes[map * 10 + digit]);
    const order = [...mine.keys()].sort((one, other) => mine[other] - mine[one]);
    const fors = order.filter((map) => mine[map] > 0).slice(0, NAMED_VOTES);
    const least = SMALL_VOTE * Math.max(...mine.map(Math.abs));
    const isNamed = (map, place, all) => place >= all.length - 2 || -mine[map] > least;
    const againsts = order
      .filter((map) => mine[map] < 0)
      .filter(isNamed)
      .slice(-NAMED_VOTES);
    const others = order.filter((map) => !fors.includes(map) && !againsts.includes(map));
    const sum = (maps) => maps.reduce((total, map) => total + mine[map], 0);
    const rows = [
      ...fors.map((map) => [`map ${map + 1}`, mine[map], map]),
      [`the other ${others.length} maps`, sum(others), null],
      ...againsts.map((map) => [`map ${map + 1}`, mine[map], map]),
      ["[bias]", detail.bias[digit], null],
    ];
    const shown = inParts(
      rows.map(([, value]) => value),
      detail.logits[digit],
      VOTE_DIGITS,
    );
    const total = shown.reduce((whole, value) => whole + value, 0);
    this.votes.replaceChildren(
      line(
        [`For and against ${aDigit(digit)}: each bar begins where the one before ends, and the last one is the [logit].`],
        this.network.data.glossary,
      ),
      ...waterfall(
        [...rows.map(([name, , map], place) => [name, shown[place], map]), ["[logit]", total, null, true]],
        this.network,
      ),
    );
    this.network.row.link(mine);
  }

  showSoftmax() {
    const { logits, temperature } = this.detail;
    const { glossary } = this.network.data;
    const scaled = logits.map((logit) =>
      Number((Number(logit.toFixed(VOTE_DIGITS)) / temperature).toFixed(VOTE_DIGITS)),
    );
    const largest = Math.max(...scaled);
    const powers = scaled.map((value) => Number(Math.exp(value - largest).toFixed(4)));
    const whole = powers.reduce((sum, value) => sum + value, 0);
    const shares = this.network.reply.answer.bars;
    const element = part("table");
    const titles = ["Digit", "[Logit]", `\u00f7 ${temperature}`, "e to that power", "Probability"];
    const header = element.createTHead().insertRow();
    for (const title of titles) {
      const cell = part("th");
      cell.scope = "col";
      cell.append(...withTerms(title, glossary));
      header.append(cell);
    }
    const body = element.createTBody();
    logits.forEach((logit, digit) => {
      const row = body.insertRow();
      row.className = digit === this.digit ? "named" : "";
      for (const text of [
        String(digit),
        signed(logit, VOTE_DIGITS),
        signed(scaled[digit], VOTE_DIGITS),
        powers[digit].toFixed(4),
        shares[digit],
      ])
        row.insertCell().textContent = text;
    });
    const order = [...scaled.keys()].sort((one, other) => scaled[other] - scaled[one]);
    const odds = Math.exp(scaled[order[0]] - scaled[order[1]]);
    this.softmax.replaceChildren(
      line(
        [
          "[Softmax]: divide by the [temperature], take e to the power of each (less the largest, which changes no ",
          "share), and divide by the sum of all ten, ",
          whole.toFixed(4),
          ".",
        ],
        glossary,
      ),
      element,
      line(
        [
          `${order[0]} is ${number(odds)} times as likely as ${order[1]}, the next likeliest: [odds] of ${number(odds)} to 1.`,
        ],
        glossary,
      ),
    );
  }
};

PANELS.dense = class {
  // A unit of a dense layer before the last: what each map, or value, of the layer before adds.
  constructor(network, panel) {
    this.network = network;
    this.lines = part("div", "", "votes");
    panel.append(
      head(network, `${network.data.stages[network.asked.stage].name}, unit ${network.asked.map + 1}`),
      this.lines,
    );
  }

  show(detail) {
    this.detail = detail;
    const { contributions, bias, steps } = detail;
    const order = [...contributions.keys()].sort(
      (one, other) => Math.abs(contributions[other]) - Math.abs(contributions[one]),
    );
    const [named, others] = [order.slice(0, NAMED_VOTES + 3), order.slice(NAMED_VOTES + 3)];
    const rest = others.reduce((sum, place) => sum + contributions[place], 0);
    const rows = [
      ...named.map((place) => [`map ${place + 1}`, contributions[place], place]),
      [`the other ${others.length}`, rest, null],
      ["[bias]", bias, null],
    ];
    const total = rows.reduce((sum, [, value]) => sum + value, 0);
    const shown = inParts(
      rows.map(([, value]) => value),
      total,
      DIGITS,
    );
    const sum = shown.reduce((whole, value) => whole + value, 0);
    this.lines.replaceChildren(
      ...waterfall(
        [...rows.map(([name, , map], place) => [name, shown[place], map]), ["sum", sum, null, true]],
        this.network,
        DIGITS,
      ),
      ...stepLines(steps, Number(sum.toFixed(DIGITS)), this.network.data.glossary),
    );
    this.network.row.link(contributions);
  }
};

function waterfall(rows, network, digits = VOTE_DIGITS) {
  // rows: [name, value, map of the stage before or null, whether it is the total] each.
  const ends = [0];
  for (const [, value, , isTotal] of rows) ends.push(isTotal ? value : ends.at(-1) + value);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const across = (value) => (100 * (value - low)) / (high - low || 1);
  return rows.map(([name, value, map, isTotal], place) => {
    const [from, to] = isTotal ? [0, value] : [ends[place], ends[place] + value];
    const element = part("div", "", isTotal ? "vote total" : "vote");
    const [track, bar] = [part("span", "", "track"), part("span", "", value < 0 ? "fill negative" : "fill")];
    bar.style.left = `${across(Math.min(from, to))}%`;
    bar.style.width = `${across(Math.max(from, to)) - across(Math.min(from, to))}%`;
    track.append(bar);
    const stage = network.asked.stage - 1;
    const label = map === null ? part("span") : button(name, "link", () => network.open({ stage, map }, true));
    if (map === null) label.append(...withTerms(name, network.data.glossary));
    element.append(label, track, part("span", withSign(value, digits), "share"));
    return element;
  });
}

function number(value) {
  return value >= 1e6 ? "over a million" : value >= 10 ? Math.round(value).toLocaleString("en") : value.toFixed(1);
}
