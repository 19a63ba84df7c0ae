// The widget, within its frame: it is told a token, asks for the order's status, and asks again whenever it hears that
// something happened, by the rules of hearing.js. What it shows always comes from the server. It keeps nothing, and acts
// on nothing.
(() => {
  "use strict";
  const desk = document.getElementById("widget");
  const settings = desk.dataset;
  const words = JSON.parse(settings.words);
  const origins = settings.origins.split(" ");
  const region = () => document.getElementById("status");
  const empty = region().cloneNode(true);
  const write = (where, text) => where.textContent === text || (where.textContent = text);
  const ear = hearing(settings, { ask, tell, mayListen });

  let host = ""; // the exact origin of the page that holds us
  let proof = null; // what opens the order: { token, isShare, isAnother }
  let endsAt = Infinity; // when it does no more
  let isOver = true; // nothing can be asked for: there is no token, or a dead one
  let hasEnded = false; // it can be asked for another
  let hasWarned = false;
  let deadTokens = 0;
  let order = "";
  let told; // the order and the version of which the page knows
  let asking = false;
  let askAgain = false;
  let lastAnswer = 0;
  let ahead = 0; // so much is the server's clock ahead of ours

  // --- the page that holds us: whatever is said between us and it, is said to and by an exact origin ------------------

  window.addEventListener("message", ({ source, origin, data }) => {
    const isForUs = source === window.parent && source !== window && origins.includes(origin) && data?.orderStatus === 1;
    if (!isForUs || !["hello", "token"].includes(data.type)) return;
    host = origin;
    if (data.type === "hello") tellAll();
    if (typeof data.token === "string") take(data.token, false);
  });

  function tellHost(type, more) {
    if (host && window.parent !== window) window.parent.postMessage({ orderStatus: 1, type, ...more }, host);
  }

  const tellHeight = () => tellHost("resize", { height: Math.ceil(desk.getBoundingClientRect().height) });

  function tellAll() {
    const { order: whose, state, step, version } = region().dataset;
    tellHeight();
    if (!host || !version || told === `${whose} ${version}`) return;
    told = `${whose} ${version}`;
    tellHost("status", { state, step, version: Number(version) });
  }

  function holder() { // as the browser says it, before the page has said anything; most browsers do
    const known = location.ancestorOrigins?.[0] ?? (document.referrer && new URL(document.referrer).origin);
    return origins.find((origin) => origin === known) ?? "";
  }

  function readFragment() { // a plain frame is not greeted
    const said = new URLSearchParams(location.hash.slice(1));
    const token = said.get("token") || said.get("share");
    if (!token) return;
    host ||= origins.length === 1 ? origins[0] : "";
    take(token, !said.get("token"));
  }

  window.addEventListener("hashchange", readFragment);
  new ResizeObserver(tellHeight).observe(desk);

  // --- asking -----------------------------------------------------------------------------------------------------

  function take(token, isShare) {
    if (proof?.token === token) return;
    proof = { token, isShare, isAnother: !hasWarned && !hasEnded }; // nobody asked for it: it may be for another order
    isOver = hasEnded = hasWarned = false;
    endsAt = Infinity;
    ask();
  }

  async function ask({ isBack } = {}) {
    if (isBack && hasEnded) tellHost("token-expired"); // whoever was to bring another may have been as far away as we were
    ear.asked();
    askAgain = asking;
    if (asking || isOver) return;
    asking = true;
    ear.sent();
    const asked = proof;
    let isThere = true;
    try {
      const response = await fetch(`region?layout=${settings.layout}&lang=${settings.language}`, {
        headers: {
          "Authorization": `Bearer ${asked.token}`,
          "X-Embedded-In": host,
          "If-None-Match": region().dataset.etag ?? "",
        },
        credentials: "omit",
        cache: "no-store",
        signal: AbortSignal.timeout(8000),
      });
      if (asked === proof) await hear(response, asked);
    } catch {
      isThere = false;
    }
    asking = false;
    // Nobody is told when a link is stopped: as the shared page does, who came by one looks more often.
    ear.answered(isThere, proof.isShare ? 15 : 60);
    if (askAgain || asked !== proof) ask();
  }

  async function hear(response, asked) {
    if ([401, 403].includes(response.status)) return refuse(response.status === 403 ? "origin" : "ended");
    if (!response.ok && response.status !== 304) throw new Error(`The status came with ${response.status}.`);
    const html = response.status === 200 && (await response.text());
    if (asked !== proof) return; // another one has come meanwhile
    if (html) show(html);
    lastAnswer = Date.now();
    ahead = Date.parse(response.headers.get("Date")) - lastAnswer || ahead;
    endsAt = lastAnswer + response.headers.get("Token-Seconds") * 1000;
    asked.isAnother = false;
    deadTokens = 0;
    listen();
  }

  function refuse(reason) {
    isOver = true;
    ear.hush();
    if (proof.isShare || proof.isAnother) forget();
    if (!order) region().classList.add("trouble");
    if (!order) document.getElementById("headline").textContent = words.trouble;
    if (reason === "origin" || proof.isShare) return tellHost("error", { reason });
    hasEnded = true;
    const patience = deadTokens && 1000 * 2 ** Math.min(deadTokens, 6); // a page that has only dead ones is not hurried
    deadTokens += 1;
    setTimeout(() => isOver && tellHost("token-expired"), patience);
  }

  function forget() { // a link that was stopped shows nothing, not even what it has shown; nor does a wrong other token
    desk.replaceChildren(empty.cloneNode(true));
    write(document.getElementById("said"), "");
    document.documentElement.style.removeProperty("--accent");
    order = "";
    lastAnswer = 0;
  }

  // --- showing ------------------------------------------------------------------------------------------------------

  function show(html) {
    const { version, announce } = region().dataset;
    const found = new DOMParser().parseFromString(html, "text/html").getElementById("status");
    const hadFocus = desk.contains(document.activeElement);
    desk.replaceChildren(document.importNode(found, true));
    if (hadFocus) region().querySelector("a").focus();
    const now = region().dataset;
    if (!settings.accent) document.documentElement.style.setProperty("--accent", now.colours);
    if (announce) write(document.getElementById("said"), now.announce);
    if (order !== now.order || version !== now.version) tellAll();
    order = now.order;
  }

  function state() {
    if (isOver && proof) return "late";
    const now = order ? ear.state() : "connecting";
    return now === "offline" ? "late" : now;
  }

  function tell() {
    const now = (settings.connection = state());
    write(region().querySelector(".connection"), now === "late" && !lastAnswer ? "" : words[now].replace("{time}", clock));
    const soon = region().querySelector("[data-to]");
    if (soon) write(soon, away(Date.parse(soon.dataset.from), Date.parse(soon.dataset.to)));
  }

  const latin = (tag) => `${tag}-u-nu-latn`; // the digits in which the server writes, too

  function clock() {
    const { locale, zone } = region().dataset;
    const style = { timeStyle: "short" };
    try {
      return new Intl.DateTimeFormat(latin(locale), { ...style, timeZone: zone }).format(lastAnswer + ahead);
    } catch {
      return new Intl.DateTimeFormat("en", style).format(lastAnswer); // a zone that this browser doesn't know
    }
  }

  function away(from, to) { // in the words of Translator.away() in tracker/web/embed/translation.py
    const now = Date.now() + ahead;
    if (!from || now > to) return relative(-Math.max(1, Math.floor((now - to) / 60000)));
    const minutes = Math.ceil((from - now) / 60000);
    return minutes > 0 ? relative(minutes <= 20 ? minutes : 5 * Math.round(minutes / 5)) : words.any;
  }

  function relative(minutes) {
    const format = new Intl.RelativeTimeFormat(latin(settings.language));
    const hours = Math.floor((Math.abs(minutes) + 30) / 60);
    if (Math.abs(minutes) < 60) return format.format(minutes, "minute");
    return hours < 24 ? format.format(Math.sign(minutes) * hours, "hour") : "";
  }

  // --- hearing --------------------------------------------------------------------------------------------------------

  function listen() {
    if (isOver || !order) return;
    if (!window.Pusher) return document.getElementById("pusher").addEventListener("load", listen, { once: true });
    const channel = ear.listen(`private-s-${order}`);
    channel?.bind("order_changed", (data) => data?.version <= region().dataset.version || ask());
  }

  async function mayListen(socketId, channel) {
    const { token, isShare } = proof; // with a link's secret nobody listens, but with the token that its page gets
    const access = isShare ? (await answerOf(`/shared/${token}/token`)).access_token : token;
    const body = new URLSearchParams({ socket_id: socketId, channel_name: channel, access_token: access });
    const key = isShare ? settings.ownKey : settings.application;
    return answerOf(`/api/v1/pusher/auth?key=${key}`, { method: "POST", body });
  }

  async function answerOf(address, more) {
    const response = await fetch(address, { headers: { Accept: "application/json" }, credentials: "omit", ...more });
    if (!response.ok) throw new Error(`${address} was answered with ${response.status}.`);
    return response.json();
  }

  // --- as time goes by --------------------------------------------------------------------------------------------------

  function tick() {
    const left = endsAt - Date.now();
    if (left < 60000 && !hasWarned && !proof.isShare) {
      hasWarned = true;
      tellHost("token-expiring");
    }
    if (left < 0) {
      endsAt = Infinity;
      ask(); // to be told that it has ended
    }
    tell();
  }

  setInterval(tick, 1000);
  host = holder();
  tellHost("ready"); // the page need not wait until all of the frame is there
  readFragment();
  tell();
})();
