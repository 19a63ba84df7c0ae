// How pages and the widget keep up with their order: when to ask again, to connect again, to ask for the channel again.
// It stands in the document itself, for live.js or widget-frame.js, which say how one asks and what one tells.
window.hearing = (settings, whose) => {
  "use strict";
  const { ask, tell, mayListen } = whose;
  const between = (least, most) => least + Math.random() * (most - least);
  const after = (least, most) => Date.now() + between(least, most);

  let pusher = null;
  let channel = null;
  let subscribed = false; // the channel speaks to us
  let everSubscribed = false;
  let failed = false; // the last time we asked, nobody answered
  let askedAt = 0;
  let slowness = 0; // how long the last answer took
  let askAt = after(4000, 5000);
  let nudgeAt = Infinity;
  let subscribeAt = Infinity;
  let refusals = 0;
  let unwelcome = false; // the engine has said that it won't have us
  const connected = () => pusher?.connection.state === "connected";

  function state() {
    if (failed || !navigator.onLine) return "offline";
    if (subscribed) return "live";
    return everSubscribed || refusals ? "reconnecting" : "connecting";
  }

  // --- asking -------------------------------------------------------------------------------------------------

  function asked() {
    askAt = after(9000, 11000); // should this one get lost without a word
  }

  function sent() { // the question has left; not every one does at once
    askedAt = Date.now();
  }

  function answered(isThere, calm) { // who hears asks by itself after so many seconds, at the earliest
    if (isThere) slowness = Date.now() - askedAt;
    if (isThere && failed && !subscribed) {
      refusals = 0; // by a server that was not there
      subscribeAt = after(500, 2000);
    }
    failed = !isThere;
    askAt = failed ? after(3000, 5000) : subscribed ? after(1000 * calm, 2000 * calm) : after(8000, 10000);
    tell();
  }

  // --- listening ----------------------------------------------------------------------------------------------

  function listen(name) { // null where we do so already
    if (channel?.name === name) return null;
    hush();
    nudgeAt = after(4000, 6000);
    Pusher.Runtime.getLocalStorage = () => undefined; // where it would note how it got through
    Pusher.Runtime.createWebSocket = (url) => window.early?.claimSocket() ?? new WebSocket(url);
    pusher = new Pusher(settings.key, {
      cluster: settings.cluster,
      wsHost: settings.host,
      wsPort: settings.port,
      wssPort: settings.port,
      forceTLS: settings.tls === "yes",
      enabledTransports: ["ws"], // which is wss where TLS is on; "wss" would try that, too, where it is off
      channelAuthorization: {
        customHandler: ({ socketId }, answer) => mayListen(socketId, name).then((leave) => answer(null, leave), answer),
      },
    });
    channel = pusher.subscribe(name);
    channel.bind("pusher:subscription_error", refused);
    channel.bind("pusher:subscription_succeeded", () => {
      subscribed = everSubscribed = true;
      refusals = 0;
      subscribeAt = Infinity;
      ask(); // what was said before now is lost
      tell();
    });
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
        askAt = Math.min(askAt, after(1000, 4000)); // not everybody at once
      }
      tell();
    });
    return channel;
  }

  function hush() {
    pusher?.disconnect();
    pusher = channel = null;
    subscribed = false;
  }

  function refused() {
    if (channel?.subscribed) return; // of two questions for the channel the later answer came late
    subscribed = false;
    subscribeAt = Date.now() + Math.min(2000 * 2 ** refusals, 60000);
    refusals += 1;
    tell();
  }

  // pusher-js would wait for 15, 30, 60 seconds. A slow network gets the time that a connection takes on it.
  function reconnect() {
    const patience = Math.max(between(2000, 3500), Math.min(8 * slowness, 20000));
    pusher?.disconnect();
    pusher?.connect();
    nudgeAt = unwelcome ? after(30000, 60000) : Date.now() + patience;
  }

  // --- the clock, the network, and coming back ----------------------------------------------------------------

  let lastTick = Date.now();
  let slept = false; // or was in the background, where clocks run slowly; the socket may have died unnoticed
  const isLookedAt = () => document.visibilityState === "visible";

  function hasSlept() {
    const now = Date.now();
    slept ||= Math.abs(now - lastTick) > 5000; // or its clock was put right: when to ask next means nothing any more
    lastTick = now;
    return slept;
  }

  function tick() {
    if (hasSlept() && isLookedAt()) return comeBack();
    const now = Date.now();
    if (now >= askAt && (pusher || isLookedAt())) ask(); // who has no channel looks as long as somebody looks at it
    if (!connected() && now >= nudgeAt && navigator.onLine) reconnect();
    if (connected() && !subscribed && now >= subscribeAt) {
      refused();
      channel.subscribe();
    }
  }

  function comeBack() {
    ask({ isBack: true });
    if (hasSlept() || !connected()) reconnect();
    slept = false;
    tell();
  }

  setInterval(tick, 500);
  document.addEventListener("visibilitychange", () => isLookedAt() && comeBack());
  window.addEventListener("pageshow", ({ persisted }) => persisted && ((slept = true), comeBack()));
  window.addEventListener("online", comeBack);
  window.addEventListener("offline", tell);

  return { listen, hush, asked, sent, answered, state };
};
