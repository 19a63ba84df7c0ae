// Stands in the page itself, to connect and ask to listen while live.js, which takes both over, is still on its way.
(() => {
  "use strict";
  const { channel, key, host, port, tls, auth, token, proof = "access_token" } = document.getElementById("connection").dataset;
  const socket = new WebSocket(`${tls === "yes" ? "wss" : "ws"}://${host}:${port}/app/${key}?protocol=7&client=js`);
  const asked = {}; // by the socket's id
  const heard = [];
  let isClaimed = false;

  function mayListen(socketId) {
    const body = new URLSearchParams({ socket_id: socketId, channel_name: channel, [proof]: token });
    return fetch(auth, { method: "POST", body }).catch(() => null); // then live.js asks again
  }

  socket.onmessage = (message) => {
    const { event, data } = JSON.parse(message.data);
    const socketId = event === "pusher:connection_established" && JSON.parse(data).socket_id;
    if (socketId) asked[socketId] = mayListen(socketId);
    heard.push(message);
  };

  function claimSocket() { // null if it came to nothing or is somebody's already
    if (isClaimed || socket.readyState > WebSocket.OPEN) return null;
    isClaimed = true;
    queueMicrotask(() => { // by then whoever claimed it listens to it
      if (socket.readyState === WebSocket.OPEN) socket.onopen?.();
      heard.forEach((message) => socket.onmessage?.(message));
    });
    return socket;
  }

  window.early = { asked, claimSocket };
})();
