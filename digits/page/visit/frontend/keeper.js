// What this tab of the browser keeps of the visit, so that it survives a reload: for no one else, until it is closed.
//
// `data` from Python: {session, content, is_back}: which session of the server it is, what to keep, and whether what
// was kept has been given back to that session. Trigger "kept": {content, drawing, attempt}, which gives it back.

const VISIT = "handwriting visit"; // in the tab's storage, and the pad's drawings, which pad.js keeps there
const PAD = "handwriting pad";
const APART = 100; // ms

let session = null;
let isBack = true;

export default function ({ data, setTriggerValue }) {
  if (data.session !== session) {
    session = data.session; // the page was loaded again, or the server was started again
    isBack = !read(VISIT) && !read(PAD);
    // Not at once: Streamlit sends as one what the page's parts have to say at the same moment, and for one part alone.
    if (!isBack) setTimeout(() => giveBack(setTriggerValue), APART);
  }
  isBack ||= data.is_back;
  if (isBack) keep(data.content);
}

function giveBack(setTriggerValue, attempt = 0) {
  setTriggerValue("kept", { content: read(VISIT), drawing: drawing(), attempt });
  soon(attempt, () => isBack || giveBack(setTriggerValue, attempt + 1));
}

function drawing() {
  try {
    const { mode, version, columns, strokes } = JSON.parse(read(PAD));
    return { version, columns, strokes: strokes[mode] };
  } catch {
    return null; // no drawing
  }
}

function read(place) {
  try {
    return sessionStorage.getItem(place);
  } catch {
    return null; // a browser that keeps nothing
  }
}

function keep(content) {
  try {
    sessionStorage.setItem(VISIT, content);
  } catch {} // it is full: what was kept before stays
}
