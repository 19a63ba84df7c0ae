// What a page says in words while it is open: how fresh it is, what has changed, how far away a time is.
(() => {
  "use strict";
  const place = (id) => document.getElementById(id);
  const desk = place("connection");
  const region = () => place("live");

  // --- what time it is: by the server, for a device's own clock may be wrong by hours ---------------------------

  let ahead = desk ? Date.parse(desk.dataset.now) - Date.now() : 0;
  const byServer = (at) => at + ahead;

  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    const said = Date.parse(ctx.response?.raw.headers.get("Date"));
    if (said) ahead = said - Date.now();
  });

  // --- how fresh it is ------------------------------------------------------------------------------------------

  const clock = desk && clockOf(desk.dataset);

  function clockOf({ language, zone }) { // the restaurant's; the list, which has many, leaves both to the device
    const style = { hour: "2-digit", minute: "2-digit" };
    try {
      return new Intl.DateTimeFormat(language, { ...style, timeZone: zone });
    } catch {
      return new Intl.DateTimeFormat("en", style); // a language or zone that this browser doesn't know
    }
  }

  const WORDS = {
    "connecting": () => "Connecting…",
    "live": (at) => (desk.dataset.channel ? "Live" : `Up to date at ${at}`),
    "reconnecting": (at) => `Reconnecting… last update ${at}`,
    "offline": (at) => `Offline – showing what we knew at ${at}`,
    "paused": (at) => `Paused – as of ${at}`,
    "signed-out": () => "You are signed out. This page no longer updates itself.",
    "closed": () => "This page can’t be shown any more.",
  };

  document.addEventListener("connection", ({ detail: { state, lastAnswer, waiting } }) => {
    desk.dataset.state = state;
    const words = WORDS[state](clock.format(byServer(lastAnswer)));
    write(place("connection-words"), words);
    speakOf(state, words);
    place("sign-in")?.toggleAttribute("hidden", state !== "signed-out");
    place("pause").hidden = state === "signed-out" || state === "closed";
    const count = waiting ? ` (${waiting} waiting)` : "";
    write(place("pause"), state === "paused" ? `Resume${count}` : "Pause updates");
  });

  function write(where, words) {
    if (where.textContent !== words) where.textContent = words;
  }

  // --- what is spoken to those who listen: whatever comes together is said together -----------------------------

  let unsaid = [];
  let isUrgent = false;
  let soonSaid;

  function say(words, urgent = false) {
    if (!unsaid.includes(words)) unsaid.push(words);
    isUrgent ||= urgent;
    clearTimeout(soonSaid);
    soonSaid = setTimeout(speak, 400);
  }

  function speak() {
    write(place(isUrgent ? "said-at-once" : "said"), unsaid.join(" "));
    [unsaid, isUrgent] = [[], false];
  }

  const SPOKEN_AFTER = { "signed-out": 0, "closed": 0, "offline": 10000 }; // a short tunnel is not worth a word
  let known, spoken, soonSpoken;

  function speakOf(state, words) {
    if (state === known) return;
    known = state;
    clearTimeout(soonSpoken);
    const isBack = state === "live" && spoken === "offline";
    if (!isBack && !(state in SPOKEN_AFTER)) return;
    soonSpoken = setTimeout(() => {
      spoken = state;
      say(words);
    }, SPOKEN_AFTER[state]);
  }

  // --- what has changed -------------------------------------------------------------------------------------------

  let heard = region()?.dataset.announce;

  document.addEventListener("htmx:after:swap", () => {
    countDown();
    if (!region()) return;
    if (place("unsent")) place("unsent").hidden = true;
    if (hadFocus && document.activeElement === document.body) place("headline")?.focus();
    if (asked !== (asked = question())) askedSince = Date.now();
    const { announce, title, urgent } = region().dataset;
    document.title = title;
    if (announce === heard) return;
    heard = announce;
    say(announce, urgent === "yes");
  });

  // --- what somebody sends: the focus stays in the region, and a press means what was on the button ----------------

  const question = () => place("decision")?.dataset.number;
  let asked = question();
  let askedSince = 0;
  let hadFocus = false;

  document.addEventListener("htmx:before:swap", () => (hadFocus = region()?.contains(document.activeElement)));
  document.addEventListener("htmx:config:request", (event) => {
    const isAnswer = event.detail.ctx.sourceElement.closest("#decision");
    if (isAnswer && Date.now() - askedSince < 700) event.preventDefault(); // it was meant for what stood there before
  });

  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    const note = ctx.sourceElement.matches("form") && place("unsent");
    if (!note || ctx.request.signal.reason?.name === "AbortError" || [200, 409, 422].includes(ctx.response?.status)) return;
    note.hidden = false;
    say(note.textContent, true);
  });

  // --- how far away a time is: what soon() in tracker/web/order/formatting.py says, minute by minute ------------------------

  function soon(from, to) {
    const now = byServer(Date.now());
    const minutes = Math.ceil((from - now) / 60000);
    if (now > to) return lateBy(Math.max(1, Math.floor((now - to) / 60000)));
    if (minutes <= 0) return "any minute now";
    if (minutes === 1) return "in about a minute";
    if (minutes < 60) return `in about ${minutes <= 20 ? minutes : 5 * Math.round(minutes / 5)} minutes`;
    if (minutes < 90) return "in about an hour";
    return minutes < 24 * 60 ? `in about ${Math.round(minutes / 60)} hours` : "";
  }

  function lateBy(minutes) {
    const hours = Math.floor(minutes / 60);
    if (hours >= 24) return "much later than promised";
    if (hours) return `over ${hours} hour${hours > 1 ? "s" : ""} later than promised`;
    return `${minutes} minute${minutes > 1 ? "s" : ""} later than promised`;
  }

  function countDown() {
    for (const away of document.querySelectorAll("[data-soon-from]")) {
      write(away, soon(Date.parse(away.dataset.soonFrom), Date.parse(away.dataset.soonTo)));
    }
    for (const end of document.querySelectorAll("[data-until]")) tellTimeLeft(end);
  }

  let minutesLeft;

  function tellTimeLeft(end) { // in the words of left() in tracker/web/order/formatting.py
    const [until, now] = [Date.parse(end.dataset.until), byServer(Date.now())];
    const minutes = now > until ? 0 : Math.max(1, Math.ceil((until - (until % 60000) - now) / 60000));
    const many = minutes < 90 ? `${minutes} minutes left` : `about ${Math.round(minutes / 60)} hours left`;
    write(end, minutes > 1 ? many : minutes ? "less than a minute left" : "the time is over");
    if (minutes < minutesLeft && [5, 1, 0].includes(minutes)) say(`To answer: ${end.textContent}.`, true);
    minutesLeft = minutes;
  }

  setInterval(countDown, 5000);

  // --- a region says what it shows already, and gets an answer only if that has changed --------------------------

  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    const { etag } = ctx.sourceElement.dataset;
    if (etag) ctx.request.headers["If-None-Match"] = etag;
  });
})();
