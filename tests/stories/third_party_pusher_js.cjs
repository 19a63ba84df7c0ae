// A third party's page: the official pusher-js under Node. Reads {key, port, options, tamper, channel} as JSON from its
// first argument, subscribes with these options only, and writes one line of JSON for every event that it receives.
// With `tamper` it requests the authorisation itself and falsifies it: if `tamper` is "signature" it changes the
// signature, and otherwise it asks for the signature of another channel, which is named by `tamper`.
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
