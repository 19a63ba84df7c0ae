// The widget, within its frame: it is told a token, asks for the order's status, and asks again whenever it hears that
// something happened, or can't hear. What it shows always comes from the server. It keeps nothing, and acts on nothing.
(() => {
  "use strict";
  const desk = document.getElementById("widget");
  const settings = desk.dataset;
  const words = JSON.parse(settings.words);
  const origins = settings.origins.split(" ");
  const region = () => document.getElementById("status");
  const after = (least, most) => Date.now() + least + Math.random() * (most - least);

  let host = ""; // the exact origin of the page that holds us
  let proof = null; // what opens the order: { token, isShare }
  let endsAt = Infinity; // when it does no more
  let isOver = true; // nothing can be asked for: no token yet, or one that is dead
  let order = "";
  let asking = false;
  let askAgain = false;
  let failed = false;
  let ahead = 0; // of our clock is the server's
  let lastAnswer = 0;
  let askAt = Infinity;
  let deadTokens = 0;
  let warned = false;

  // --- the page that holds us ---------------------------------------------------------------------------------

  const isFramed = window.parent !== window;
  const read = (address) => { try { return new URL(address).origin; } catch { return ""; } };

  function holder() { // of a plain frame, which is not greeted
    const known = location.ancestorOrigins?.[0] ?? read(document.referrer);
    return origins.includes(known) ? known : origins.length === 1 ? origins[0] : "";
  }

  function tellHost(type, more) {
    if (isFramed && host) window.parent.postMessage({ orderStatus: 1, type, ...more }, host);
  }

  window.addEventListener("message", ({ source, origin, data }) => {
    if (!isFramed || source !== window.parent || !origins.includes(origin) || data?.orderStatus !== 1) return;
    if (data.type !== "hello" && data.type !== "token") return;
    const isNew = host !== origin;
    host = origin;
    if (isNew || data.type === "hello") tellAll();
    if (typeof data.token === "string") take(data.token, false);
  });

  function readFragment() {
    const said = new URLSearchParams(location.hash.slice(1));
    const isShare = said.has("share");
    const token = said.get(isShare ? "share" : "token");
    if (!token) return;
    host ||= holder();
    take(token, isShare);
    tellAll();
  }

  const tellHeight = () => tellHost("resize", { height: Math.ceil(desk.getBoundingClientRect().height) });

  function tellAll() {
    tellHeight();
    const { version, state, step } = region().dataset;
    if (version) tellHost("status", { state, step, version: Number(version) });
  }

  new ResizeObserver(tellHeight).observe(desk);
  window.addEventListener("hashchange", readFragment);

  // --- asking ---------------------------------------------------------------------------------------------------

  function take(token, isShare) {
    if (proof?.token === token) return;
    proof = { token, isShare };
    endsAt = Infinity;
    isOver = warned = false;
    askAt = Date.now();
    if (order) listen();
    ask();
  }

  async function ask() {
    if (isOver) return;
    askAgain = asking;
    if (asking) return;
    asking = true;
    const asked = proof;
    try {
      const answer = await fetch(`part?layout=${settings.layout}&lang=${settings.language}`, {
        headers: {
          "Authorization": `Bearer ${asked.token}`,
          "X-Embedded-In": host,
          "If-None-Match": region().dataset.etag ?? "",
        },
        credentials: "omit",
        cache: "no-store",
        signal: AbortSignal.timeout(8000),
      });
      if (asked === proof) await hear(answer);
      else askAgain = true;
    } catch {
      failed = true;
    }
    asking = false;
    askAt = failed ? after(3000, 5000) : subscribed ? after(60000, 120000) : after(8000, 10000);
    if (askAgain) ask();
    tell();
  }

  async function hear(answer) {
    if (answer.status === 401 || answer.status === 403) return refuse(answer.status);
    if (!answer.ok && answer.status !== 304) throw new Error(`${answer.status}`);
    ahead = Date.parse(answer.headers.get("Date")) - Date.now() || ahead;
    endsAt = Date.now() + answer.headers.get("Token-Seconds") * 1000;
    lastAnswer = Date.now();
    failed = false;
    deadTokens = 0;
    if (answer.status === 200) show(new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("status"));
  }

  function refuse(status) {
    isOver = true;
    hush();
    if (!order) {
      region().classList.add("trouble");
      document.getElementById("headline").textContent = words.trouble;
    }
    if (status === 403 || proof.isShare) return tellHost("error", { reason: status === 403 ? "origin" : "ended" });
    const wait = deadTokens ? 2000 * 2 ** Math.min(deadTokens, 5) : 0; // a host that knows only dead ones is not hurried
    deadTokens += 1;
    setTimeout(() => isOver && tellHost("token-expired"), wait);
  }

  // --- showing --------------------------------------------------------------------------------------------------

  let said = null;

  function show(found) {
    const hadFocus = desk.contains(document.activeElement);
    const { version, state } = region().dataset;
    desk.replaceChildren(document.importNode(found, true));
    if (hadFocus) region().querySelector("a").focus();
    const now = region().dataset;
    if (!settings.accent) document.documentElement.style.setProperty("--accent", now.colours);
    if (now.version !== version || now.state !== state) tellAll();
    if (said !== null && said !== now.announce) document.getElementById("said").textContent = now.announce;
    said = now.announce;
    if (order !== now.order) {
      order = now.order;
      listen();
    }
  }

  const latin = (tag) => `${tag}-u-nu-latn`; // the digits in which the server writes, too

  function clock() {
    const style = { hour: "2-digit", minute: "2-digit" };
    const { locale, zone } = region().dataset;
    try {
      return new Intl.DateTimeFormat(latin(locale), { ...style, timeZone: zone });
    } catch {
      return new Intl.DateTimeFormat("en", style); // a zone that this browser doesn't know
    }
  }

  // In the words of away() in tracker/web/embed_words.py.
  function away(from, to) {
    const now = Date.now() + ahead;
    if (!from || now > to) return relative(-Math.max(1, Math.floor((now - to) / 60000)));
    const minutes = Math.ceil((from - now) / 60000);
    return minutes <= 0 ? words.any : relative(minutes <= 20 ? minutes : 5 * Math.round(minutes / 5));
  }

  function relative(minutes) {
    const hours = Math.floor((Math.abs(minutes) + 30) / 60);
    if (hours >= 24) return "";
    const format = new Intl.RelativeTimeFormat(latin(settings.language));
    return Math.abs(minutes) < 60 ? format.format(minutes, "minute") : format.format(Math.sign(minutes) * hours, "hour");
  }

  function tell() {
    const isDeaf = failed || isOver || !navigator.onLine;
    const state = !order ? (isOver && proof ? "late" : "connecting") : isDeaf ? "late" : subscribed ? "live" : everSubscribed || refusals ? "reconnecting" : "connecting";
    desk.dataset.connection = state;
    const text = lastAnswer || state === "connecting" ? words[state].replace("{time}", () => clock().format(lastAnswer + ahead)) : "";
    write(region().querySelector(".connection"), text);
    const soon = region().querySelector("[data-to]");
    if (soon) write(soon, away(Date.parse(soon.dataset.from), Date.parse(soon.dataset.to)));
  }

  function write(where, text) {
    if (where.textContent !== text) where.textContent = text;
  }

  // --- hearing: the rules of static/js/live.js --------------------------------------------------------------------

  let pusher = null;
  let channel = null;
  let subscribed = false;
  let everSubscribed = false;
  let refusals = 0;
  let unwelcome = false;
  let nudgeAt = Infinity;
  let subscribeAt = Infinity;
  let pageToken = null; // of a share link
  const connected = () => pusher?.connection.state === "connected";

  function listen() {
    if (pusher && channel?.name !== `private-s-${order}`) hush();
    if (pusher) return;
    nudgeAt = after(4000, 6000);
    pusher = new Pusher(settings.key, {
      cluster: settings.cluster,
      wsHost: settings.host,
      wsPort: settings.port,
      wssPort: settings.port,
      forceTLS: settings.tls === "yes",
      enabledTransports: ["ws"],
      disableStats: true,
      channelAuthorization: {
        customHandler: ({ socketId }, answer) => mayListen(socketId).then((leave) => answer(null, leave), answer),
      },
    });
    channel = pusher.subscribe(`private-s-${order}`);
    channel.bind("order_changed", (data) => data?.version <= region().dataset.version || ask());
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
      if (code === 4009) refused();
      else unwelcome = code >= 4000 && code < 4100;
    });
    pusher.connection.bind("state_change", ({ previous, current }) => {
      if (current === "connected") {
        unwelcome = false;
        subscribeAt = Date.now() + 5000;
      } else if (previous === "connected") {
        subscribed = false;
        nudgeAt = after(2000, 3500);
        askAt = Math.min(askAt, after(1000, 4000));
      }
      tell();
    });
  }

  function hush() {
    pusher?.disconnect();
    pusher = channel = null;
    subscribed = false;
  }

  function refused() {
    subscribed = false;
    pageToken = null;
    subscribeAt = Date.now() + Math.min(2000 * 2 ** refusals, 60000);
    refusals += 1;
    tell();
  }

  function reconnect() {
    nudgeAt = unwelcome ? after(30000, 60000) : after(2000, 3500);
    pusher.disconnect();
    pusher.connect();
  }

  async function mayListen(socketId) {
    const key = proof.isShare ? settings.ownKey : settings.application;
    const token = proof.isShare ? (pageToken ??= await tokenOfShare()) : proof.token;
    const body = new URLSearchParams({ socket_id: socketId, channel_name: `private-s-${order}`, access_token: token });
    const answer = await fetch(`/api/v1/pusher/auth?key=${key}`, { method: "POST", body, credentials: "omit" });
    pageToken = null; // it lives for minutes: the next time another is asked for
    if (answer.ok) return answer.json();
    throw new Error(`The channel was refused with ${answer.status}.`);
  }

  async function tokenOfShare() {
    const answer = await fetch(`/shared/${proof.token}/token`, { headers: { Accept: "application/json" }, credentials: "omit" });
    if (!answer.ok) throw new Error(`There was no token: ${answer.status}.`);
    return (await answer.json()).access_token;
  }

  // --- the clock, the network, and coming back ----------------------------------------------------------------------

  let lastTick = Date.now();
  const isLookedAt = () => document.visibilityState === "visible";

  function tick() {
    const now = Date.now();
    const slept = Math.abs(now - lastTick) > 5000;
    lastTick = now;
    if (slept && isLookedAt()) comeBack(true);
    if (isOver) return tell();
    if (!warned && !proof.isShare && now > endsAt - 60000) {
      warned = true;
      tellHost("token-expiring");
    }
    if (now >= askAt || now >= endsAt) ask();
    if (pusher && !connected() && now >= nudgeAt && navigator.onLine) reconnect();
    if (connected() && !subscribed && now >= subscribeAt) {
      refused();
      channel.subscribe();
    }
    tell();
  }

  function comeBack(slept) {
    ask();
    if (pusher && (slept || !connected())) reconnect();
  }

  setInterval(tick, 1000);
  document.addEventListener("visibilitychange", () => isLookedAt() && comeBack(Date.now() - lastTick > 5000));
  window.addEventListener("pageshow", ({ persisted }) => persisted && comeBack(true));
  window.addEventListener("online", () => comeBack(false));
  window.addEventListener("offline", tell);
  readFragment();
  tell();
})();
