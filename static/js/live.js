// Fetches a page's region again after a message on its channel and by the schedule of hearing.js. Of a message only its
// name and version are read; what is shown always comes from the server. The list of orders has no channel.
(() => {
  "use strict";
  const statusElement = document.getElementById("connection");
  if (!statusElement || !window.htmx) return;

  const NAMES = ["order_confirmation", "order_adjustment", "order_tracker", "order_changed"];
  const PAUSED = "live updates paused"; // the key in localStorage
  const settings = /** @type {ConnectionSettings} */ (statusElement.dataset);
  const region = () =>
    /** @type {HTMLElement} */ (document.getElementById("live") ?? document.getElementById("orders"));
  const connection = createLiveConnection(settings, { refresh, showState, authorize });

  /** @type {"" | "signed-out" | "closed"} Why the page will never be updated again, if so. */
  let endedBy = "";
  let isPaused = readPaused() === "yes";
  let waiting = 0; // messages received while paused
  let lastResponse = Date.now();
  let token = { value: settings.token, endsAt: Date.now() + Number(settings.tokenSeconds) * 1000 };

  // --- Requests ----------------------------------------------------------------------------------------------------

  function refresh() {
    if (endedBy) return;
    connection.refreshStarted();
    if (!isPaused) region().dispatchEvent(new CustomEvent("ask"));
    else if (settings.whenGone) renewToken().catch(() => {}); // This finds out whether the page may still be seen.
  }

  document.addEventListener("htmx:before:request", connection.requestSent);
  document.addEventListener("htmx:before:swap", (event) => {
    if (event.detail.ctx.response?.raw.redirected) event.preventDefault(); // It is another page, not a region.
  });

  document.addEventListener("htmx:finally:request", ({ detail }) => {
    const { request, response } = detail.ctx;
    if (!response && request.signal.reason?.name === "AbortError") return; // A form's request replaced this one.
    if (response && [401, 403, 404, 410].includes(response.status)) return end(response.status);
    const succeeded =
      !!response && !response.raw.redirected && (response.raw.ok || [304, 409, 422].includes(response.status));
    if (succeeded) lastResponse = Date.now();
    connection.requestEnded(succeeded, Number(settings.lookAgain ?? 60));
  });

  function end(/** @type {number} */ status) {
    endedBy = status === 401 ? "signed-out" : "closed";
    connection.disconnect();
    if (settings.whenGone === "reload") location.reload(); // The page then says so and shows nothing of the order.
    else showState();
  }

  // --- Messages ----------------------------------------------------------------------------------------------------

  const channel = settings.channel && window.Pusher ? connection.subscribe(settings.channel) : null;
  for (const name of NAMES) {
    channel?.bind(name, (/** @type {MessageData | undefined} */ data) => {
      if (Number(data?.version) <= Number(region().dataset.version)) return;
      if (isPaused) waiting += 1;
      refresh();
      showState();
    });
  }

  // --- The token with which the page subscribes --------------------------------------------------------------------

  /** @type {LiveHandlers["authorize"]} */
  async function authorize(socketId, channelName) {
    if (token.endsAt - Date.now() < 30000) await renewToken();
    const early = await window.earlyConnection?.authorizations[socketId]; // Missing where early.js could not connect.
    delete window.earlyConnection?.authorizations[socketId];
    const proof = settings.proof ?? "access_token"; // On a console it is `secret`.
    const form = { socket_id: socketId, channel_name: channelName, [proof]: token.value };
    const response = early ?? (await fetch(settings.auth, { method: "POST", body: new URLSearchParams(form) }));
    if (response.ok) return response.json();
    token.endsAt = 0; // The next attempt uses another token, whatever is wrong with this one.
    throw new Error(`The channel was refused with ${response.status}.`);
  }

  async function renewToken() {
    const response = await fetch(settings.tokenAddress, { headers: { Accept: "application/json" } });
    if ([401, 404].includes(response.status)) end(response.status);
    if (!response.ok) throw new Error(`There was no new token: ${response.status}.`);
    const { access_token: value, expires_in: seconds } = await response.json();
    token = { value, endsAt: Date.now() + seconds * 1000 };
  }

  // --- Pausing, and the state of the connection --------------------------------------------------------------------

  document.getElementById("pause")?.addEventListener("click", () => {
    isPaused = !isPaused;
    waiting = 0;
    storePaused(isPaused ? "yes" : "no");
    refresh();
    showState();
  });

  // Access to localStorage may be forbidden. Then the choice is lost with the page.
  function readPaused() {
    try { return localStorage.getItem(PAUSED); } catch { return null; }
  }
  function storePaused(/** @type {string} */ value) {
    try { localStorage.setItem(PAUSED, value); } catch { /* See above. */ }
  }

  /** @returns {PageState} */
  function state() {
    if (endedBy) return endedBy;
    if (isPaused) return "paused";
    const link = connection.state();
    return settings.channel || link === "offline" ? link : "live";
  }

  function showState() {
    document.dispatchEvent(new CustomEvent("connection", { detail: { state: state(), lastResponse, waiting } }));
  }

  showState();
})();
