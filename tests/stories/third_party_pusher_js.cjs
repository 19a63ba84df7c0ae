// A third party's page: the official pusher-js under Node. Reads {key, port, options, tamper, channel} as JSON from its
// first argument, subscribes with nothing but these options, and writes one line of JSON for every event it hears.
// With `tamper` it asks by itself and changes what it was given: "signature", or the channel for which it was given.
const Pusher = require("pusher-js");

const { key, port, options, tamper, channel } = JSON.parse(process.argv[2]);
const say = (what) => process.stdout.write(JSON.stringify(what) + "\n");

const authorizeAndTamper = async ({ socketId }, callback) => {
  const asksFor = tamper === "signature" ? channel : tamper;
  const body = new URLSearchParams({ socket_id: socketId, channel_name: asksFor });
  const response = await fetch(options.authEndpoint, { method: "POST", body });
  const { auth } = await response.json();
  const other = auth.endsWith("0") ? "1" : "0";
  callback(null, { auth: tamper === "signature" ? auth.slice(0, -1) + other : auth });
};

const pusher = new Pusher(key, {
  cluster: "unused",
  wsHost: "127.0.0.1",
  wsPort: port,
  forceTLS: false,
  enabledTransports: ["ws"],
  ...options,
  ...(tamper ? { channelAuthorization: { customHandler: authorizeAndTamper } } : {}),
});
pusher.subscribe(channel).bind_global((event, data) => say({ event, data }));
