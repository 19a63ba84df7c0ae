// When a page's region asks again: it hears that something happened, or cannot hear and looks by itself. Of a message
// only its name and version are read; what is shown always comes from the server. The list of orders has no channel:
// it only looks, as long as somebody looks at it.
(() => {
  "use strict";
  const desk = document.getElementById("connection");
  if (!desk || !window.htmx) return;

  const NAMES = ["order_confirmation", "order_adjustment", "order_tracker", "order_changed"];
  const PAUSED = "live updates paused";
  const settings = desk.dataset;
  const calm = 1000 * (settings.lookAgain ?? 60); // how soon a page looks by itself though it hears, at the earliest
  const region = () => document.getElementById("live") ?? document.getElementById("orders");
  const between = (least, most) => least + Math.random() * (most - least);
  const after = (least, most) => Date.now() + between(least, most);

  let subscribed = false; // the channel speaks to us
  let everSubscribed = false;
  let failed = false; // the last time we asked, nobody answered
  let gone = ""; // why there is nothing to ask for any more
  let paused = recall() === "yes";
  let waiting = 0; // what was heard while paused
  let lastAnswer = Date.now();
  let askedAt = 0;
  let slowness = 0; // how long the last answer took
  let askAt = after(4000, 5000);
  let nudgeAt = after(4000, 6000);
  let subscribeAt = Infinity;
  let refusals = 0;
  let unwelcome = false; // the engine has said that it won't have us
  let token = { value: settings.token, endsAt: Date.now() + settings.tokenSeconds * 1000 };

  // --- asking -------------------------------------------------------------------------------------------------

  function ask() {
    if (gone) return;
    askAt = after(9000, 11000); // should this one get lost without a word
    if (!paused) region().dispatchEvent(new CustomEvent("ask"));
    else if (settings.whenGone) renewToken().catch(() => {}); // to know whether it may still be seen
  }

  document.addEventListener("htmx:before:request", () => (askedAt = Date.now()));
  document.addEventListener("htmx:before:swap", (event) => {
    if (event.detail.ctx.response.raw.redirected) event.preventDefault(); // to some other page, which is no region
  });

  document.addEventListener("htmx:finally:request", ({ detail }) => {
    const { request, response: answer } = detail.ctx;
    if (!answer && request.signal.reason?.name === "AbortError") return; // a form took its place
    if ([401, 403, 404, 410].includes(answer?.status)) return leave(answer.status === 401 ? "signed-out" : "closed");
    const wasFailed = failed;
    failed = !answer || answer.raw.redirected || !(answer.raw.ok || [304, 409, 422].includes(answer.status));
    if (!failed) {
      lastAnswer = Date.now();
      slowness = lastAnswer - askedAt;
      if (wasFailed && !subscribed) {
        refusals = 0; // by a server that was not there
        subscribeAt = after(500, 2000);
      }
    }
    askAt = failed ? after(3000, 5000) : subscribed ? after(calm, 2 * calm) : after(8000, 10000);
    tell();
  });

  function leave(why) {
    gone = why;
    pusher?.disconnect();
    settings.whenGone === "reload" ? location.reload() : tell(); // into the page that says so, and shows nothing else
  }

  // --- hearing ------------------------------------------------------------------------------------------------

  const isTold = settings.channel && window.Pusher;
  if (isTold) Pusher.Runtime.createWebSocket = (url) => window.early?.claimSocket() ?? new WebSocket(url);
  const pusher = isTold && new Pusher(settings.key, {
    cluster: settings.cluster,
    wsHost: settings.host,
    wsPort: settings.port,
    wssPort: settings.port,
    forceTLS: settings.tls === "yes",
    enabledTransports: ["ws"], // which is wss where TLS is on; "wss" would try that, too, where it is off
    channelAuthorization: {
      customHandler: (asking, answer) => mayListen(asking).then((leave) => answer(null, leave), answer),
    },
  });
  const connected = () => pusher?.connection.state === "connected";
  const channel = pusher?.subscribe(settings.channel);

  if (pusher) {
    for (const name of NAMES) {
      channel.bind(name, (data) => {
        if (data?.version <= region().dataset.version) return;
        if (paused) waiting += 1;
        ask();
        tell();
      });
    }

    channel.bind("pusher:subscription_succeeded", () => {
      subscribed = everSubscribed = true;
      refusals = 0;
      subscribeAt = Infinity;
      ask(); // what was said before now is lost
      tell();
    });

    channel.bind("pusher:subscription_error", refused);

    pusher.connection.bind("error", (error) => {
      const code = error?.data?.code ?? error?.error?.data?.code;
      if (code === 4009) refused(); // how some engines refuse a channel
      else unwelcome = code >= 4000 && code < 4100;
    });

    pusher.connection.bind("state_change", ({ previous, current }) => {
      if (current === "connected") {
        unwelcome = false;
        subscribeAt = Date.now() + 5000; // no success by then: ask for the channel again
      } else if (previous === "connected") {
        subscribed = false;
        nudgeAt = after(2000, 3500);
        askAt = Math.min(askAt, after(1000, 4000)); // not every page at once
      }
      tell();
    });
  }

  // pusher-js would wait for 15, 30, 60 seconds. A slow network gets the time that a connection takes on it.
  function reconnect() {
    if (!pusher || gone) return;
    const patience = Math.max(between(2000, 3500), Math.min(8 * slowness, 20000));
    nudgeAt = unwelcome ? after(30000, 60000) : Date.now() + patience;
    pusher.disconnect();
    pusher.connect();
  }

  function refused() {
    subscribed = false;
    subscribeAt = Date.now() + Math.min(2000 * 2 ** refusals, 60000);
    refusals += 1;
    tell();
  }

  // --- the token with which the page may listen -----------------------------------------------------------------

  async function mayListen({ socketId }) {
    if (token.endsAt - Date.now() < 30000) await renewToken();
    const asked = await window.early?.asked[socketId]; // there is none where early.js found no way to connect
    delete window.early?.asked[socketId];
    const proof = settings.proof ?? "access_token"; // a console's is `secret`
    const form = { socket_id: socketId, channel_name: settings.channel, [proof]: token.value };
    const answer = asked ?? (await fetch(settings.auth, { method: "POST", body: new URLSearchParams(form) }));
    if (answer.ok) return answer.json();
    token.endsAt = 0; // whatever is wrong with it, the next try brings another
    throw new Error(`The channel was refused with ${answer.status}.`);
  }

  async function renewToken() {
    const answer = await fetch(settings.tokenAddress, { headers: { Accept: "application/json" } });
    if ([401, 404].includes(answer.status)) leave(answer.status === 401 ? "signed-out" : "closed");
    if (!answer.ok) throw new Error(`There was no new token: ${answer.status}.`);
    const { access_token: value, expires_in: seconds } = await answer.json();
    token = { value, endsAt: Date.now() + seconds * 1000 };
  }

  // --- the clock, the network, and coming back --------------------------------------------------------------------

  let lastTick = Date.now();
  let slept = false; // or was in the background, where clocks run slowly; the socket may have died unnoticed
  const isLookedAt = () => document.visibilityState === "visible";
  function lookAtTheClock() {
    const now = Date.now();
    slept ||= Math.abs(now - lastTick) > 5000; // or its clock was put right: when to ask next means nothing any more
    lastTick = now;
    return now;
  }

  function tick() {
    const now = lookAtTheClock();
    if (slept && isLookedAt()) return comeBack();
    if (now >= askAt && (pusher || isLookedAt())) ask();
    if (!connected() && now >= nudgeAt && navigator.onLine) reconnect();
    if (connected() && !subscribed && now >= subscribeAt) {
      refused();
      channel.subscribe();
    }
  }

  function comeBack() {
    ask();
    if (slept || !connected()) reconnect();
    slept = false;
    tell();
  }

  setInterval(tick, 500);
  document.addEventListener("visibilitychange", () => isLookedAt() && (lookAtTheClock(), comeBack()));
  window.addEventListener("pageshow", ({ persisted }) => persisted && ((slept = true), comeBack()));
  window.addEventListener("online", comeBack);
  window.addEventListener("offline", tell);

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
  function remember(answer) {
    try { localStorage.setItem(PAUSED, answer); } catch { /* then it is forgotten */ }
  }

  function state() {
    if (gone) return gone;
    if (paused) return "paused";
    if (failed || !navigator.onLine) return "offline";
    if (subscribed || !settings.channel) return "live";
    return everSubscribed || refusals || Date.now() > askAt ? "reconnecting" : "connecting";
  }

  function tell() {
    document.dispatchEvent(new CustomEvent("connection", { detail: { state: state(), lastAnswer, waiting } }));
  }

  tell();
})();
