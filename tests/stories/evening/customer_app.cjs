// A third party's ordering page: the official pusher-js under Node, as the document's second example has it. Reads
// {appKey, port, endpoint} from its first argument and the ids of orders from its standard input, one a line; writes a
// line of JSON for each event of the document that it receives.
const Pusher = require("pusher-js");
const readline = require("readline");

const { appKey, port, endpoint } = JSON.parse(process.argv[2]);
const say = (what) => process.stdout.write(JSON.stringify(what) + "\n");
const here = { cluster: "unused", wsHost: "127.0.0.1", wsPort: port, forceTLS: false, enabledTransports: ["ws"] };

const options = { authEndpoint: endpoint };
const pusher = new Pusher(appKey, { ...here, ...options });

readline.createInterface({ input: process.stdin }).on("line", (orderId) => {
  const orderChannel = pusher.subscribe("private-o-" + orderId);
  const names = ["pusher:subscription_succeeded", "pusher:subscription_error"];
  for (const event of [...names, "order_confirmation", "order_adjustment", "order_tracker"]) {
    orderChannel.bind(event, (data) => say({ order: orderId, event, data }));
  }
});
