// Terms that explain themselves: a word with a dotted line, its explanation on hover, by keyboard and by touch.

let numTips = 0;

function withTerms(sentence, glossary) {
  // Return the nodes of a sentence in which [kernel] is a term.
  const known = Object.fromEntries(Object.entries(glossary).map(([term, words]) => [term.toLowerCase(), words]));
  return sentence.split(/(\[[^\]]+\])/).flatMap((piece) => {
    const term = piece.match(/^\[(.+)\]$/)?.[1];
    return term && known[term.toLowerCase()] ? explained(term, known[term.toLowerCase()]) : [piece];
  });
}

function explained(term, words) {
  const [word, tip] = [button(term, "term", () => word.focus()), part("span", words, "tip")];
  tip.id = `tip-${++numTips}`;
  tip.setAttribute("role", "tooltip");
  word.setAttribute("aria-describedby", tip.id);
  word.addEventListener("keydown", (event) => event.key === "Escape" && word.blur());
  return [word, tip];
}
