// Streamlit drops a message, or the reply to it, now and then: what is not answered in time is sent again.

const PATIENCE = [1000, 2000, 4000, 8000]; // ms without a reply, after which a message is sent once more

function soon(attempt, again) {
  // Do it again, if it is worth another attempt.
  if (attempt < PATIENCE.length) return setTimeout(again, PATIENCE[attempt]);
}
