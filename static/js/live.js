// A page's region asks again: for what it hears, and by the rules of hearing.js. Of a message only its name and version
// are read; what is shown always comes from the server. The list of orders has no channel: it only looks.
(() => {
  "use strict";
  const desk = document.getElementById("connection");
  if (!desk || !window.htmx) return;

  const NAMES = ["order_confirmation", "order_adjustment", "order_tracker", "order_changed"];
  const PAUSED = "live updates paused";
  const settings = desk.dataset;
  const region = () => document.getElementById("live") ?? document.getElementById("orders");
  const ear = hearing(settings, { ask, tell, mayListen });

  let gone = ""; // why there is nothing to ask for any more
  let paused = recall() === "yes";
  let waiting = 0; // what was heard while paused
  let lastAnswer = Date.now();
  let token = { value: settings.token, endsAt: Date.now() + settings.tokenSeconds * 1000 };

  // --- asking -------------------------------------------------------------------------------------------------

  function ask() {
    if (gone) return;
    ear.asked();
    if (!paused) region().dispatchEvent(new CustomEvent("ask"));
    else if (settings.whenGone) renewToken().catch(() => {}); // to know whether it may still be seen
  }

  document.addEventListener("htmx:before:request", ear.sent);
  document.addEventListener("htmx:before:swap", (event) => {
    if (event.detail.ctx.response.raw.redirected) event.preventDefault(); // to some other page, which is no region
  });

  document.addEventListener("htmx:finally:request", ({ detail }) => {
    const { request, response } = detail.ctx;
    if (!response && request.signal.reason?.name === "AbortError") return; // a form took its place
    if ([401, 403, 404, 410].includes(response?.status)) return leave(response.status === 401 ? "signed-out" : "closed");
    const isThere = response && !response.raw.redirected && (response.raw.ok || [304, 409, 422].includes(response.status));
    if (isThere) lastAnswer = Date.now();
    ear.answered(isThere, settings.lookAgain ?? 60);
  });

  function leave(why) {
    gone = why;
    ear.hush();
    settings.whenGone === "reload" ? location.reload() : tell(); // into the page that says so, and shows nothing else
  }

  // --- hearing ------------------------------------------------------------------------------------------------

  const channel = settings.channel && window.Pusher && ear.listen(settings.channel);
  for (const name of channel ? NAMES : []) {
    channel.bind(name, (data) => {
      if (data?.version <= region().dataset.version) return;
      if (paused) waiting += 1;
      ask();
      tell();
    });
  }

  // --- the token with which the page may listen -----------------------------------------------------------------

  async function mayListen(socketId, channel) {
    if (token.endsAt - Date.now() < 30000) await renewToken();
    const asked = await window.early?.asked[socketId]; // there is none where early.js found no way to connect
    delete window.early?.asked[socketId];
    const proof = settings.proof ?? "access_token"; // a console's is `secret`
    const form = { socket_id: socketId, channel_name: channel, [proof]: token.value };
    const response = asked ?? (await fetch(settings.auth, { method: "POST", body: new URLSearchParams(form) }));
    if (response.ok) return response.json();
    token.endsAt = 0; // whatever is wrong with it, the next try brings another
    throw new Error(`The channel was refused with ${response.status}.`);
  }

  async function renewToken() {
    const response = await fetch(settings.tokenAddress, { headers: { Accept: "application/json" } });
    if ([401, 404].includes(response.status)) leave(response.status === 401 ? "signed-out" : "closed");
    if (!response.ok) throw new Error(`There was no new token: ${response.status}.`);
    const { access_token: value, expires_in: seconds } = await response.json();
    token = { value, endsAt: Date.now() + seconds * 1000 };
  }

  // --- pausing, and telling -----------------------------------------------------------------------------------------

  document.getElementById("pause").addEventListener("click", () => {
    paused = !paused;
    waiting = 0;
    remember(paused ? "yes" : "no");
    ask();
    tell();
  });

  function recall() {
    try { return localStorage.getItem(PAUSED); } catch { return null; } // storage may be forbidden
  }
  function remember(choice) {
    try { localStorage.setItem(PAUSED, choice); } catch { /* then it is forgotten */ }
  }

  function state() {
    if (gone) return gone;
    if (paused) return "paused";
    const heard = ear.state();
    return settings.channel || heard === "offline" ? heard : "live";
  }

  function tell() {
    document.dispatchEvent(new CustomEvent("connection", { detail: { state: state(), lastAnswer, waiting } }));
  }

  tell();
})();
