// Connects to the engine and asks for the channel's authorization while pusher-js and live.js are still loading. It
// stands in the page itself. live.js takes over both the socket and the response.
(() => {
  "use strict";
  const settings = /** @type {ConnectionSettings} */ (document.getElementById("connection")?.dataset);
  const { channel, key, host, port, tls, auth, token, proof = "access_token" } = settings;
  const socket = new WebSocket(`${tls === "yes" ? "wss" : "ws"}://${host}:${port}/app/${key}?protocol=7&client=js`);
  /** @type {EarlyConnection["authorizations"]} */
  const authorizations = {};
  /** @type {MessageEvent[]} */
  const received = [];
  let isClaimed = false;

  function authorize(/** @type {string} */ socketId) {
    const body = new URLSearchParams({ socket_id: socketId, channel_name: channel, [proof]: token });
    return fetch(auth, { method: "POST", body }).catch(() => null); // After a failure live.js asks again.
  }

  socket.onmessage = (message) => {
    const { event, data } = JSON.parse(message.data);
    const socketId = event === "pusher:connection_established" && JSON.parse(data).socket_id;
    if (socketId) authorizations[socketId] = authorize(socketId);
    received.push(message);
  };

  function claimSocket() {
    if (isClaimed || socket.readyState > WebSocket.OPEN) return null;
    isClaimed = true;
    queueMicrotask(() => { // By then the caller has set its own handlers of the socket's events.
      if (socket.readyState === WebSocket.OPEN) /** @type {(() => void) | null} */ (socket.onopen)?.();
      for (const message of received) socket.onmessage?.(message);
    });
    return socket;
  }

  window.earlyConnection = { authorizations, claimSocket };
})();
