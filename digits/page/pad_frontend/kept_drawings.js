// What this tab of the browser keeps of the pad, so that it survives a reload: for no one else, and until it is closed.

const PLACE = "handwriting pad"; // in the tab's storage

function keepDrawings({ mode, version, drawings, data }) {
  const strokes = { digit: drawings.digit.strokes, number: drawings.number.strokes };
  try {
    sessionStorage.setItem(PLACE, JSON.stringify({ mode, version, columns: data.columns[mode], strokes }));
  } catch {} // where the browser keeps nothing, a reload empties the pad
}

function keptDrawings() {
  try {
    const { mode, version, strokes } = JSON.parse(sessionStorage.getItem(PLACE));
    const drawings = { digit: new Drawing(strokes.digit), number: new Drawing(strokes.number) };
    return mode in drawings ? { mode, version, drawings } : null;
  } catch {
    return null; // nothing, or of another version of this page
  }
}
