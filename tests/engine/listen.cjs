// The official pusher-js under Node. Reads {key, secret, port, member, channels} as JSON from its first argument,
// subscribes, and writes one line of JSON for every state and every event it hears, until it is ended.
const { createHmac } = require("node:crypto");
const Pusher = require("pusher-js");

const { key, secret, port, member, channels } = JSON.parse(process.argv[2]);
const say = (what) => process.stdout.write(JSON.stringify(what) + "\n");

const authorize = ({ socketId, channelName }, callback) => {
  const data = channelName.startsWith("presence-") ? JSON.stringify(member) : undefined;
  const text = [socketId, channelName, data].filter(Boolean).join(":");
  const signature = createHmac("sha256", secret).update(text).digest("hex");
  callback(null, { auth: `${key}:${signature}`, channel_data: data });
};

const pusher = new Pusher(key, {
  cluster: "unused",
  wsHost: "127.0.0.1",
  wsPort: port,
  forceTLS: false,
  enabledTransports: ["ws"],
  enableStats: false,
  channelAuthorization: { customHandler: authorize },
});
pusher.connection.bind("state_change", ({ current }) => say({ state: current }));
pusher.connection.bind("error", (error) => say({ error: error.error?.data ?? error.data ?? String(error) }));
for (const name of channels) {
  pusher.subscribe(name).bind_global((event, data) => say({ channel: name, event, data }));
}
