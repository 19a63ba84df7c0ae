// Keeps a page or the widget up to date: it decides when to refresh, when to reconnect and when to subscribe again. It
// stands in the document itself. live.js and widget-frame.js give it the handlers that fetch, show and authorize.
window.createLiveConnection = (settings, handlers) => {
  "use strict";
  const { refresh, showState, authorize } = handlers;
  const random = (/** @type {number} */ least, /** @type {number} */ most) => least + Math.random() * (most - least);
  const timeIn = (/** @type {number} */ least, /** @type {number} */ most) => Date.now() + random(least, most);

  /** @type {import("pusher-js").default | null} */
  let pusher = null;
  /** @type {import("pusher-js").Channel | null} */
  let channel = null;
  let isSubscribed = false;
  let wasSubscribed = false;
  let hasFailed = false; // The last request got no response.
  let requestedAt = 0;
  let responseTime = 0;
  let refreshAt = timeIn(4000, 5000);
  let reconnectAt = Infinity;
  let subscribeAt = Infinity;
  let refusals = 0; // How often in a row the subscription was refused.
  let isRejected = false; // The engine closed the connection with a code that says not to reconnect as before.
  const isConnected = () => pusher?.connection.state === "connected";

  /** @returns {LinkState} */
  function state() {
    if (hasFailed || !navigator.onLine) return "offline";
    if (isSubscribed) return "live";
    return wasSubscribed || refusals ? "reconnecting" : "connecting";
  }

  // --- Requests ----------------------------------------------------------------------------------------------------

  function refreshStarted() {
    refreshAt = timeIn(9000, 11000); // This holds if the request is lost and never ends.
  }

  function requestSent() { // A refresh may wait for another request before it is sent.
    requestedAt = Date.now();
  }

  /** @type {LiveConnection["requestEnded"]} */
  function requestEnded(succeeded, interval) {
    if (succeeded) responseTime = Date.now() - requestedAt;
    if (succeeded && hasFailed && !isSubscribed) {
      refusals = 0; // The subscription failed because the server was away, which it no longer is.
      subscribeAt = timeIn(500, 2000);
    }
    hasFailed = !succeeded;
    if (hasFailed) refreshAt = timeIn(3000, 5000);
    else refreshAt = isSubscribed ? timeIn(1000 * interval, 2000 * interval) : timeIn(8000, 10000);
    showState();
  }

  // --- The channel -------------------------------------------------------------------------------------------------

  /** @type {LiveConnection["subscribe"]} */
  function subscribe(name) {
    if (channel?.name === name) return null;
    disconnect();
    reconnectAt = timeIn(4000, 6000);
    Pusher.Runtime.getLocalStorage = () => undefined; // pusher-js would store there which transport worked.
    Pusher.Runtime.createWebSocket = (url) =>
      /** @type {PusherSocket} */ (window.earlyConnection?.claimSocket() ?? new WebSocket(url));
    pusher = new Pusher(settings.key, {
      cluster: settings.cluster,
      wsHost: settings.host,
      wsPort: Number(settings.port),
      wssPort: Number(settings.port),
      forceTLS: settings.tls === "yes",
      enabledTransports: ["ws"], // With TLS this is wss. The name "wss" would try TLS where it is off, too.
      channelAuthorization: {
        customHandler: ({ socketId }, callback) => {
          authorize(socketId, name).then((data) => callback(null, data), (error) => callback(error, null));
        },
      },
    });
    channel = pusher.subscribe(name);
    channel.bind("pusher:subscription_error", handleRefusal);
    channel.bind("pusher:subscription_succeeded", () => {
      isSubscribed = wasSubscribed = true;
      refusals = 0;
      subscribeAt = Infinity;
      refresh(); // Messages published before the subscription were missed.
      showState();
    });
    pusher.connection.bind("error", (/** @type {ConnectionError | undefined} */ error) => {
      const code = error?.data?.code ?? error?.error?.data?.code ?? 0;
      if (code === 4009) handleRefusal(); // Some engines refuse a channel with this code.
      else isRejected = code >= 4000 && code < 4100;
    });
    pusher.connection.bind("state_change", (/** @type {StateChange} */ { previous, current }) => {
      if (current === "connected") {
        isRejected = false;
        subscribeAt = Date.now() + 5000; // Without a success by then, tick() subscribes again.
      } else if (previous === "connected") {
        isSubscribed = false;
        reconnectAt = timeIn(2000, 3500);
        refreshAt = Math.min(refreshAt, timeIn(1000, 4000)); // At random, so that not all pages ask at once.
      }
      showState();
    });
    return channel;
  }

  function disconnect() {
    pusher?.disconnect();
    pusher = channel = null;
    isSubscribed = false;
  }

  function handleRefusal() {
    if (channel?.subscribed) return; // This is a late response to the first of two requests; the second succeeded.
    isSubscribed = false;
    subscribeAt = Date.now() + Math.min(2000 * 2 ** refusals, 60000);
    refusals += 1;
    showState();
  }

  // pusher-js itself would wait for 15, 30 or 60 seconds. On a slow network a connection gets the time it takes there.
  function reconnect() {
    const patience = Math.max(random(2000, 3500), Math.min(8 * responseTime, 20000));
    pusher?.disconnect();
    pusher?.connect();
    reconnectAt = isRejected ? timeIn(30000, 60000) : Date.now() + patience;
  }

  // --- Time, visibility and the network ----------------------------------------------------------------------------

  let lastTick = Date.now();
  let isSuspended = false; // Ticks stopped or slowed down, as in sleep or in the background: the socket may be dead.
  const isVisible = () => document.visibilityState === "visible";

  // The device's clock may also have been set. Then planned times mean nothing, so that counts as well.
  function wasSuspended() {
    const now = Date.now();
    isSuspended ||= Math.abs(now - lastTick) > 5000;
    lastTick = now;
    return isSuspended;
  }

  function tick() {
    if (wasSuspended() && isVisible()) return resume();
    const now = Date.now();
    if (now >= refreshAt && (pusher || isVisible())) refresh(); // Without a channel, only a visible page refreshes.
    if (!isConnected() && now >= reconnectAt && navigator.onLine) reconnect();
    if (isConnected() && !isSubscribed && now >= subscribeAt) {
      handleRefusal();
      channel?.subscribe();
    }
  }

  function resume() {
    refresh({ isResuming: true });
    if (wasSuspended() || !isConnected()) reconnect();
    isSuspended = false;
    showState();
  }

  setInterval(tick, 500);
  document.addEventListener("visibilitychange", () => isVisible() && resume());
  window.addEventListener("pageshow", ({ persisted }) => {
    isSuspended ||= persisted;
    if (persisted) resume();
  });
  window.addEventListener("online", resume);
  window.addEventListener("offline", showState);

  return { subscribe, disconnect, refreshStarted, requestSent, requestEnded, state };
};
