// The widget within its frame: it is given a token, fetches the order's status, and fetches again after a message or by
// the schedule of hearing.js. What it shows always comes from the server. It stores nothing and has no actions.
(() => {
  "use strict";
  const widget = /** @type {HTMLElement} */ (document.getElementById("widget"));
  const settings = /** @type {WidgetSettings} */ (widget.dataset);
  /** @type {Record<string, string>} */
  const texts = JSON.parse(settings.words);
  const origins = settings.origins.split(" ");
  const region = () => /** @type {HTMLElement} */ (document.getElementById("status"));
  const regionData = () => /** @type {StatusData} */ (region().dataset);
  const announcer = /** @type {HTMLElement} */ (document.getElementById("said"));
  const skeleton = region().cloneNode(true);
  const connection = createLiveConnection(settings, { refresh, showState, authorize });

  let hostOrigin = ""; // the exact origin of the page that holds the frame
  /** @type {{ token: string, isShare: boolean, isUnrequested: boolean } | null} What opens the order. */
  let credential = null;
  let endsAt = Infinity; // when the credential expires
  let isRefused = true; // There is no credential, or the server refuses it: nothing can be fetched.
  let hasExpired = false; // The page is asked for another token.
  let hasWarned = false;
  let expiredTokens = 0; // how many tokens in a row had expired
  let order = "";
  let reported = ""; // the order and version that were reported to the page last
  let isFetching = false;
  let fetchAgain = false;
  let lastResponse = 0;
  let offset = 0; // by how many milliseconds the server's clock is ahead of the device's

  function setText(/** @type {Element | null} */ element, /** @type {string} */ text) {
    if (element && element.textContent !== text) element.textContent = text;
  }

  // --- The page that holds the frame: each message goes to, and is accepted from, one exact origin -----------------

  window.addEventListener("message", ({ source, origin, data }) => {
    const isFromHost = source === window.parent && source !== window && origins.includes(origin);
    if (!isFromHost || data?.orderStatus !== 1 || !["hello", "token"].includes(data.type)) return;
    hostOrigin = origin;
    if (data.type === "hello") reportStatus();
    if (typeof data.token === "string") useToken(data.token, false);
  });

  /**
   * @param {FrameMessage["type"]} type
   * @param {Partial<FrameMessage>} [more]
   */
  function postToHost(type, more) {
    if (!hostOrigin || window.parent === window) return;
    window.parent.postMessage({ orderStatus: 1, type, ...more }, hostOrigin);
  }

  const reportHeight = () => postToHost("resize", { height: Math.ceil(widget.getBoundingClientRect().height) });

  function reportStatus() {
    const { order: shown, state, step, version } = regionData();
    reportHeight();
    if (!hostOrigin || !version || reported === `${shown} ${version}`) return;
    reported = `${shown} ${version}`;
    postToHost("status", { state, step, version: Number(version) });
  }

  // Most browsers name the page's origin before its first message.
  function findHostOrigin() {
    const known = location.ancestorOrigins?.[0] ?? (document.referrer && new URL(document.referrer).origin);
    return origins.find((origin) => origin === known) ?? "";
  }

  // A plain frame, without the element around it, has its token in the fragment.
  function readFragment() {
    const fragment = new URLSearchParams(location.hash.slice(1));
    const token = fragment.get("token") || fragment.get("share");
    if (!token) return;
    hostOrigin ||= origins.length === 1 ? origins[0] : "";
    useToken(token, !fragment.get("token"));
  }

  window.addEventListener("hashchange", readFragment);
  new ResizeObserver(reportHeight).observe(widget);

  // --- Requests ----------------------------------------------------------------------------------------------------

  function useToken(/** @type {string} */ token, /** @type {boolean} */ isShare) {
    if (credential?.token === token) return;
    // A token that nobody asked for may open another order.
    credential = { token, isShare, isUnrequested: !hasWarned && !hasExpired };
    isRefused = hasExpired = hasWarned = false;
    endsAt = Infinity;
    refresh();
  }

  /** @type {LiveHandlers["refresh"]} */
  async function refresh({ isResuming } = {}) {
    // The page asks its server for a token, which may have been out of reach as well.
    if (isResuming && hasExpired) postToHost("token-expired");
    connection.refreshStarted();
    fetchAgain = isFetching;
    if (isFetching || isRefused || !credential) return;
    isFetching = true;
    connection.requestSent();
    const sent = credential;
    let succeeded = true;
    try {
      const response = await fetch(`region?layout=${settings.layout}&lang=${settings.language}`, {
        headers: {
          "Authorization": `Bearer ${sent.token}`,
          "X-Embedded-In": hostOrigin,
          "If-None-Match": regionData().etag ?? "",
        },
        credentials: "omit",
        cache: "no-store",
        signal: AbortSignal.timeout(8000),
      });
      if (sent === credential) await handleResponse(response, sent);
    } catch {
      succeeded = false;
    }
    isFetching = false;
    // No message says that a share link was stopped, so a widget with one refreshes as often as the shared page does.
    connection.requestEnded(succeeded, credential.isShare ? 15 : 60);
    if (fetchAgain || sent !== credential) refresh();
  }

  async function handleResponse(/** @type {Response} */ response, /** @type {NonNullable<typeof credential>} */ sent) {
    if ([401, 403].includes(response.status)) return handleRefusal(sent, response.status === 403 ? "origin" : "ended");
    if (!response.ok && response.status !== 304) throw new Error(`The status came with ${response.status}.`);
    const html = response.status === 200 && (await response.text());
    if (sent !== credential) return; // Another token has come meanwhile.
    if (html) show(html);
    lastResponse = Date.now();
    offset = Date.parse(response.headers.get("Date") ?? "") - lastResponse || offset;
    endsAt = lastResponse + Number(response.headers.get("Token-Seconds")) * 1000;
    sent.isUnrequested = false;
    expiredTokens = 0;
    subscribe();
  }

  /**
   * @param {NonNullable<typeof credential>} refused
   * @param {"origin" | "ended"} reason
   */
  function handleRefusal({ isShare, isUnrequested }, reason) {
    isRefused = true;
    connection.disconnect();
    if (isShare || isUnrequested) clear();
    if (!order) {
      region().classList.add("trouble");
      setText(document.getElementById("headline"), texts.trouble);
    }
    if (reason === "origin" || isShare) return postToHost("error", { reason });
    hasExpired = true;
    const delay = expiredTokens && 1000 * 2 ** Math.min(expiredTokens, 6); // for a page that only has expired tokens
    expiredTokens += 1;
    setTimeout(() => isRefused && postToHost("token-expired"), delay);
  }

  // A stopped share link must not even show what it has shown before. Nor must a wrong token for another order.
  function clear() {
    widget.replaceChildren(skeleton.cloneNode(true));
    setText(announcer, "");
    document.documentElement.style.removeProperty("--accent");
    order = "";
    lastResponse = 0;
  }

  // --- What is shown -----------------------------------------------------------------------------------------------

  function show(/** @type {string} */ html) {
    const { version, announce } = regionData();
    const received = new DOMParser().parseFromString(html, "text/html").getElementById("status");
    const hadFocus = widget.contains(document.activeElement);
    widget.replaceChildren(document.importNode(/** @type {HTMLElement} */ (received), true));
    if (hadFocus) region().querySelector("a")?.focus();
    const now = regionData();
    if (!settings.accent) document.documentElement.style.setProperty("--accent", now.colours);
    if (announce) setText(announcer, now.announce);
    if (order !== now.order || version !== now.version) reportStatus();
    order = now.order;
  }

  function state() {
    if (isRefused && credential) return "late";
    const link = order ? connection.state() : "connecting";
    return link === "offline" ? "late" : link;
  }

  function showState() {
    const now = state();
    settings.connection = now;
    const text = now === "late" && !lastResponse ? "" : texts[now].replace("{time}", formatTime);
    setText(region().querySelector(".connection"), text);
    const promise = /** @type {HTMLElement | null} */ (region().querySelector("[data-to]"));
    const { from, to } = promise?.dataset ?? {};
    if (promise) setText(promise, promiseText(Date.parse(from ?? ""), Date.parse(to ?? "")));
  }

  const withLatinDigits = (/** @type {string} */ tag) => `${tag}-u-nu-latn`; // as the server writes numbers

  function formatTime() {
    const { locale, zone } = regionData();
    /** @type {Intl.DateTimeFormatOptions} */
    const style = { timeStyle: "short" };
    try {
      const format = new Intl.DateTimeFormat(withLatinDigits(locale), { ...style, timeZone: zone });
      return format.format(lastResponse + offset);
    } catch {
      return new Intl.DateTimeFormat("en", style).format(lastResponse); // This browser does not know the zone.
    }
  }

  // The same texts as those of Translator.away() in tracker/web/embed/translation.py.
  function promiseText(/** @type {number} */ from, /** @type {number} */ to) {
    const now = Date.now() + offset;
    if (!from || now > to) return relativeTime(-Math.max(1, Math.floor((now - to) / 60000)));
    const minutes = Math.ceil((from - now) / 60000);
    return minutes > 0 ? relativeTime(minutes <= 20 ? minutes : 5 * Math.round(minutes / 5)) : texts.any;
  }

  function relativeTime(/** @type {number} */ minutes) {
    const format = new Intl.RelativeTimeFormat(withLatinDigits(settings.language));
    const hours = Math.floor((Math.abs(minutes) + 30) / 60);
    if (Math.abs(minutes) < 60) return format.format(minutes, "minute");
    return hours < 24 ? format.format(Math.sign(minutes) * hours, "hour") : "";
  }

  // --- The channel -------------------------------------------------------------------------------------------------

  function subscribe() {
    if (isRefused || !order) return;
    if (!window.Pusher) return document.getElementById("pusher")?.addEventListener("load", subscribe, { once: true });
    const channel = connection.subscribe(`private-s-${order}`);
    channel?.bind("order_changed", (/** @type {MessageData | undefined} */ data) => {
      if (!(Number(data?.version) <= Number(regionData().version))) refresh();
    });
  }

  /** @type {LiveHandlers["authorize"]} */
  async function authorize(socketId, channelName) {
    const { token, isShare } = /** @type {NonNullable<typeof credential>} */ (credential);
    // A share link's secret authorizes no channel, but the token that its page gets does.
    const accessToken = isShare ? (await fetchJson(`/shared/${token}/token`)).access_token : token;
    const body = new URLSearchParams({ socket_id: socketId, channel_name: channelName, access_token: accessToken });
    const key = isShare ? settings.ownKey : settings.application;
    return fetchJson(`/api/v1/pusher/auth?key=${key}`, { method: "POST", body });
  }

  /**
   * @param {string} address
   * @param {RequestInit} [more]
   */
  async function fetchJson(address, more) {
    const response = await fetch(address, { headers: { Accept: "application/json" }, credentials: "omit", ...more });
    if (!response.ok) throw new Error(`${address} responded with ${response.status}.`);
    return response.json();
  }

  // --- The passing of time -----------------------------------------------------------------------------------------

  function tick() {
    const left = endsAt - Date.now();
    if (left < 60000 && !hasWarned && !credential?.isShare) {
      hasWarned = true;
      postToHost("token-expiring");
    }
    if (left < 0) {
      endsAt = Infinity;
      refresh(); // The server then says that the token has expired.
    }
    showState();
  }

  setInterval(tick, 1000);
  hostOrigin = findHostOrigin();
  postToHost("ready"); // The page can send its token before all of the frame has loaded.
  readFragment();
  showState();
})();
