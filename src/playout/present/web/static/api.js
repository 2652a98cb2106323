// Talking to the server: JSON by fetch, pictures by server-sent events.

const client = (() => {
  const held = sessionStorage.getItem("playout-client") || crypto.getRandomValues(new Uint32Array(4)).join("-");
  sessionStorage.setItem("playout-client", held);
  return held;
})();

/** What went wrong, in the server's words. */
export class Refused extends Error {
  constructor(message, hint, status, diagnostics = []) {
    super(message);
    this.hint = hint;
    this.diagnostics = diagnostics;
    this.status = status;
  }
}

async function asked(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Refused("The server does not answer.", "Is `playout serve` still running? Then load the page again.", 0);
  }
  if (answer.ok) return answer.status === 204 ? null : answer.json();
  const told = await answer.json().catch(() => ({}));
  const problem = told.error || { message: `The server refused this (${answer.status}).` };
  throw new Refused(problem.message, problem.hint, answer.status, told.diagnostics || []);
}

export const get = (path) => asked(path);
export const post = (path, body) => asked(path, {
  method: "POST",
  headers: { "Content-Type": "application/json", "X-Playout-Client": client },
  body: JSON.stringify(body),
});

/** The same for this browser, whichever of its windows asks. */
export const send = (path, body) => asked(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

const WAITS = 20;
const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

/**
 * Play a setting. told: {progress, picture, done, failed}. Gives back a function that stops it.
 * A full queue is waited for; a setting that the server refuses goes to ``failed``.
 */
export function play(setting, futures, told) {
  let source = null, over = false, run = null;
  const stop = () => {
    if (over) return;
    over = true;
    source?.close();
  };
  const fail = (problem) => { if (!over) { stop(); told.failed(problem); } };
  const heard = (name, then) => source.addEventListener(name, (event) => { if (!over) then(JSON.parse(event.data)); });
  (async () => {
    for (let tried = 0; run === null && !over; tried += 1) {
      try {
        run = (await post("/api/runs", { setting, futures })).run;
      } catch (problem) {
        if (problem.status !== 429 || tried > WAITS) { fail(problem); return; }
        told.progress({ done: 0, total: futures, waiting: true });
        await pause(500);
      }
    }
    if (over) return;
    source = new EventSource(`/api/runs/${encodeURIComponent(run)}/events`);
    heard("progress", told.progress);
    heard("picture", (picture) => told.picture(picture, run));
    heard("done", () => { stop(); told.done(run); });
    heard("failed", (problem) => fail(new Refused(problem.message, problem.hint, 0)));
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) fail(new Refused("The server broke off.", "Move a lever to try again.", 0));
    };
  })();
  return stop;
}
