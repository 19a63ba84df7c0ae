// The texts that change while a page is open: how fresh it is, what has changed, and how far away a time is.
(() => {
  "use strict";
  const find = (/** @type {string} */ id) => document.getElementById(id);
  const get = /** @type {(id: string) => HTMLElement} */ (find); // for elements that every live page has
  const statusElement = find("connection");
  const region = () => find("live");

  // --- The time: by the server, because a device's own clock may be wrong by hours ---------------------------------

  let offset = Date.parse(statusElement?.dataset.now ?? "") - Date.now() || 0; // of the server's clock, in milliseconds
  const serverTime = (/** @type {number} */ at) => at + offset;

  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    const now = Date.parse(ctx.response?.raw.headers.get("Date") ?? "");
    if (now) offset = now - Date.now();
  });

  // --- How fresh the page is ---------------------------------------------------------------------------------------

  const timeFormat = statusElement && createTimeFormat(statusElement.dataset);

  // Language and zone are the restaurant's. The list of orders has many restaurants and leaves both to the device.
  function createTimeFormat(/** @type {DOMStringMap} */ { language, zone }) {
    /** @type {Intl.DateTimeFormatOptions} */
    const style = { hour: "2-digit", minute: "2-digit" };
    try {
      return new Intl.DateTimeFormat(language, { ...style, timeZone: zone });
    } catch {
      return new Intl.DateTimeFormat("en", style); // This browser does not know the language or the zone.
    }
  }

  /** @type {Record<PageState, (at: string) => string>} */
  const STATE_TEXTS = {
    "connecting": () => "Connecting…",
    "live": (at) => (statusElement?.dataset.channel ? "Live" : `Up to date at ${at}`),
    "reconnecting": (at) => `Reconnecting… last update ${at}`,
    "offline": (at) => `Offline – showing what we knew at ${at}`,
    "paused": (at) => `Paused – as of ${at}`,
    "signed-out": () => "You are signed out. This page no longer updates itself.",
    "closed": () => "This page can’t be shown any more.",
  };

  document.addEventListener("connection", ({ detail: { state, lastResponse, waiting } }) => {
    if (!statusElement || !timeFormat) return;
    statusElement.dataset.state = state;
    const text = STATE_TEXTS[state](timeFormat.format(serverTime(lastResponse)));
    setText(get("connection-words"), text);
    announceState(state, text);
    find("sign-in")?.toggleAttribute("hidden", state !== "signed-out");
    get("pause").hidden = state === "signed-out" || state === "closed";
    const count = waiting ? ` (${waiting} waiting)` : "";
    setText(get("pause"), state === "paused" ? `Resume${count}` : "Pause updates");
  });

  function setText(/** @type {Element} */ element, /** @type {string} */ text) {
    if (element.textContent !== text) element.textContent = text;
  }

  // --- Announcements to screen readers: those that come together are made together ---------------------------------

  /** @type {string[]} */
  let pending = [];
  let isUrgent = false;
  let announceTimer = 0;

  function announce(/** @type {string} */ text, urgent = false) {
    if (!pending.includes(text)) pending.push(text);
    isUrgent ||= urgent;
    clearTimeout(announceTimer);
    announceTimer = setTimeout(announcePending, 400);
  }

  function announcePending() {
    setText(get(isUrgent ? "said-at-once" : "said"), pending.join(" "));
    pending = [];
    isUrgent = false;
  }

  // Milliseconds until a state is announced. Offline has some, because a short tunnel is not worth an announcement.
  /** @type {Partial<Record<PageState, number>>} */
  const ANNOUNCED_AFTER = { "signed-out": 0, "closed": 0, "offline": 10000 };
  /** @type {PageState | undefined} */
  let lastState;
  /** @type {PageState | undefined} */
  let announcedState;
  let stateTimer = 0;

  function announceState(/** @type {PageState} */ state, /** @type {string} */ text) {
    if (state === lastState) return;
    lastState = state;
    clearTimeout(stateTimer);
    const isBack = state === "live" && announcedState === "offline";
    if (!isBack && !(state in ANNOUNCED_AFTER)) return;
    stateTimer = setTimeout(() => {
      announcedState = state;
      announce(text);
    }, ANNOUNCED_AFTER[state]);
  }

  // --- What has changed --------------------------------------------------------------------------------------------

  let announcement = region()?.dataset.announce;

  document.addEventListener("htmx:after:swap", () => {
    updateTimes();
    const data = /** @type {RegionData | undefined} */ (region()?.dataset);
    if (!data) return;
    const unsent = find("unsent");
    if (unsent) unsent.hidden = true;
    if (hadFocus && document.activeElement === document.body) find("headline")?.focus();
    const shown = adjustmentNumber();
    if (shown !== adjustment) adjustmentShownAt = Date.now();
    adjustment = shown;
    document.title = data.title;
    if (data.announce === announcement) return;
    announcement = data.announce;
    announce(announcement, data.urgent === "yes");
  });

  // --- Forms: the focus stays in the region, and a press counts only for the adjustment that it was meant for ------

  const adjustmentNumber = () => find("decision")?.dataset.number;
  let adjustment = adjustmentNumber();
  let adjustmentShownAt = 0;
  let hadFocus = false;

  document.addEventListener("htmx:before:swap", () => (hadFocus = !!region()?.contains(document.activeElement)));
  document.addEventListener("htmx:config:request", (event) => {
    const isDecision = event.detail.ctx.sourceElement.closest("#decision");
    // A press this early was meant for what was there before.
    if (isDecision && Date.now() - adjustmentShownAt < 700) event.preventDefault();
  });

  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    const unsent = ctx.sourceElement.matches("form") && find("unsent");
    const isAborted = ctx.request.signal.reason?.name === "AbortError";
    if (!unsent || isAborted || [200, 409, 422].includes(ctx.response?.status ?? 0)) return;
    unsent.hidden = false;
    announce(unsent.textContent, true);
  });

  // --- How far away a time is: the same sentences, minute by minute, as tracker/web/order/formatting.py writes -----

  // This is soon() there.
  function promiseText(/** @type {number} */ from, /** @type {number} */ to) {
    const now = serverTime(Date.now());
    const minutes = Math.ceil((from - now) / 60000);
    if (now > to) return lateText(Math.max(1, Math.floor((now - to) / 60000)));
    if (minutes <= 0) return "any minute now";
    if (minutes === 1) return "in about a minute";
    if (minutes < 60) return `in about ${minutes <= 20 ? minutes : 5 * Math.round(minutes / 5)} minutes`;
    if (minutes < 90) return "in about an hour";
    return minutes < 24 * 60 ? `in about ${Math.round(minutes / 60)} hours` : "";
  }

  function lateText(/** @type {number} */ minutes) {
    const hours = Math.floor(minutes / 60);
    if (hours >= 24) return "much later than promised";
    if (hours) return `over ${hours} hour${hours > 1 ? "s" : ""} later than promised`;
    return `${minutes} minute${minutes > 1 ? "s" : ""} later than promised`;
  }

  /** @typedef {HTMLElement & { dataset: Record<"soonFrom" | "soonTo" | "until", string> }} TimeElement */

  function updateTimes() {
    for (const element of /** @type {NodeListOf<TimeElement>} */ (document.querySelectorAll("[data-soon-from]"))) {
      setText(element, promiseText(Date.parse(element.dataset.soonFrom), Date.parse(element.dataset.soonTo)));
    }
    for (const element of /** @type {NodeListOf<TimeElement>} */ (document.querySelectorAll("[data-until]"))) {
      updateTimeLeft(element);
    }
  }

  let minutesLeft = 0; // Nothing is announced at the first count, which is never below 0.

  // This is left() in tracker/web/order/formatting.py.
  function updateTimeLeft(/** @type {TimeElement} */ element) {
    const [until, now] = [Date.parse(element.dataset.until), serverTime(Date.now())];
    const minutes = now > until ? 0 : Math.max(1, Math.ceil((until - (until % 60000) - now) / 60000));
    const many = minutes < 90 ? `${minutes} minutes left` : `about ${Math.round(minutes / 60)} hours left`;
    setText(element, minutes > 1 ? many : minutes ? "less than a minute left" : "the time is over");
    if (minutes < minutesLeft && [5, 1, 0].includes(minutes)) announce(`To answer: ${element.textContent}.`, true);
    minutesLeft = minutes;
  }

  setInterval(updateTimes, 5000);

  // --- A region names its version, and the server responds with 304 unless it has changed --------------------------

  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    const { etag } = /** @type {HTMLElement} */ (ctx.sourceElement).dataset;
    if (etag) ctx.request.headers["If-None-Match"] = etag;
  });
})();
