// <order-status>: an order's status in a page of somebody else's, live, in a frame of ours. The page gets this element,
// the events status, error and token-expired, and nothing else. What the two say to each other is said to exact origins.
const home = new URL("order-status/", import.meta.url);
const HEIGHTS = { line: 64, card: 276, full: 442 };
const LOOKS = ["layout", "theme", "accent", "radius", "font", "lang"];
const TITLES = {
  ar: "حالة الطلب", de: "Bestellstatus", en: "Order status", es: "Estado del pedido", fr: "État de la commande",
  he: "מצב ההזמנה", it: "Stato dell’ordine", nl: "Status van de bestelling", pl: "Status zamówienia", pt: "Estado do pedido",
};
const sheet = new CSSStyleSheet();
// Against whatever the page says of all its elements: here, what is important inside wins over what is outside.
sheet.replaceSync(`
  :host { all: initial !important; display: block !important; }
  :host::before, :host::after { content: none !important; }
  :host([hidden]) { display: none !important; }
  iframe { display: block; width: 100%; border: 0; color-scheme: light dark; }
  :host([theme="light"]) iframe { color-scheme: light; }
  :host([theme="dark"]) iframe { color-scheme: dark; }
`);

class OrderStatus extends HTMLElement {
  static observedAttributes = ["token", ...LOOKS];
  #frame = document.createElement("iframe");
  #root;
  #renewing;
  #wrong;
  #answered;
  #hear = ({ source, origin, data }) => {
    if (source === this.#frame.contentWindow && origin === home.origin && data?.orderStatus === 1) this.#take(data);
  };

  constructor() {
    super();
    this.#root = this.attachShadow({ mode: "closed" });
    this.#root.adoptedStyleSheets = [sheet];
    this.#frame.sandbox = "allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox";
    this.#frame.referrerPolicy = "strict-origin";
    this.#frame.onload = () => this.#greet();
  }

  connectedCallback() {
    addEventListener("message", this.#hear);
    this.#show();
    this.#frame.isConnected || this.#root.append(this.#frame); // with its address: an empty one is a document more
  }

  disconnectedCallback() {
    removeEventListener("message", this.#hear);
  }

  attributeChangedCallback(name, before, now) {
    if (!this.isConnected || before === now) return;
    if (!this.#show() && name === "token") this.#say("token");
  }

  #show() { // whether the frame is another now, which is greeted when it is there
    const wish = new URLSearchParams();
    for (const name of LOOKS) if (this.hasAttribute(name)) wish.set(name, this.getAttribute(name));
    const lang = this.closest("[lang]")?.lang ?? "";
    if (lang) wish.set("lang", lang);
    this.#frame.title = TITLES[lang.slice(0, 2).toLowerCase()] ?? TITLES.en;
    const token = this.getAttribute("token") ?? "";
    const [application, secret] = token.split(".");
    const address = secret ? `${home}${encodeURIComponent(application)}?${wish}` : "";
    const isWrong = token && !secret; // it is of no widget, which the page is told once
    if (isWrong && this.#wrong !== token) setTimeout(() => this.#tell("error", { reason: "refused" }));
    this.#wrong = isWrong && token;
    const frame = this.#frame;
    if (frame.src === address && frame.style.height) return false;
    frame.style.height = `${HEIGHTS[wish.get("layout")] ?? HEIGHTS.card}px`;
    if (address) frame.src = address;
    else if (frame.src) { // without a token the order is seen no more
      frame.remove();
      frame.removeAttribute("src");
      this.#root.append(frame);
    }
    return true;
  }

  #say(type) {
    this.#frame.contentWindow?.postMessage({ orderStatus: 1, type, token: this.getAttribute("token") }, home.origin);
  }

  #greet() {
    if (!this.#frame.src) return; // it has nothing to show yet
    this.#answered = false;
    this.#say("hello");
    setTimeout(() => this.#answered || this.#tell("error", { reason: "refused" }), 5000); // not for this page, or not there
  }

  #take({ type, height, state, step, version, reason }) {
    this.#answered = true;
    if (type === "ready") this.#say("hello");
    if (type === "resize" && height > 0) this.#frame.style.height = `${height}px`;
    if (type === "status") this.#tell(type, { state, step, version });
    if (type === "error") this.#tell(type, { reason });
    if (type === "token-expiring") this.#renew();
    if (type === "token-expired") this.#renew().then((isNew) => isNew || this.#tell(type));
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  // The page says how: element.refreshToken = async () => "a new token".
  #renew() {
    return (this.#renewing ??= this.#ask().finally(() => (this.#renewing = null)));
  }

  async #ask() {
    try {
      const token = `${await this.refreshToken?.()}`.trim(); // what else a server says, such as that it is down, is none
      const isNew = /^\w+\.[\w-]+$/.test(token) && token !== this.getAttribute("token");
      if (isNew) this.setAttribute("token", token);
      return isNew;
    } catch {
      return false;
    }
  }
}

customElements.get("order-status") ?? customElements.define("order-status", OrderStatus);
