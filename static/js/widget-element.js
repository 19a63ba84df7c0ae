// <order-status>: shows an order's status, live, in another site's page, within a frame of ours. The page gets this
// element and its events status, error and token-expired, and nothing else. Each message between the element and the
// frame is addressed to, and accepted from, one exact origin.
const frameBase = new URL("order-status/", import.meta.url);
/** @type {Record<string, number>} */
const HEIGHTS = { line: 64, card: 276, full: 442 };
const LOOKS = ["layout", "theme", "accent", "radius", "font", "lang"];
/** @type {Record<string, string>} */
const TITLES = {
  ar: "حالة الطلب", de: "Bestellstatus", en: "Order status", es: "Estado del pedido", fr: "État de la commande",
  he: "מצב ההזמנה", it: "Stato dell’ordine", nl: "Status van de bestelling", pl: "Status zamówienia", pt: "Estado do pedido",
};
const sheet = new CSSStyleSheet();
// These rules win over what the page's own style says of all its elements: in a shadow tree, an important declaration
// inside wins over one outside.
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
  /** @type {Promise<boolean> | null | undefined} */
  #renewal;
  /** @type {string | false | undefined} The malformed token of which the page has been told. */
  #malformed;
  #hasResponded = false;
  /** @param {MessageEvent} event */
  #onMessage = ({ source, origin, data }) => {
    const isFromFrame = source === this.#frame.contentWindow && origin === frameBase.origin;
    if (isFromFrame && data?.orderStatus === 1) this.#handle(data);
  };

  constructor() {
    super();
    this.#root = this.attachShadow({ mode: "closed" });
    this.#root.adoptedStyleSheets = [sheet];
    this.#frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox");
    this.#frame.referrerPolicy = "strict-origin";
    this.#frame.onload = () => this.#greet();
  }

  connectedCallback() {
    addEventListener("message", this.#onMessage);
    this.#updateFrame();
    // The frame is added with its address, because without one the browser would load an empty document first.
    if (!this.#frame.isConnected) this.#root.append(this.#frame);
  }

  disconnectedCallback() {
    removeEventListener("message", this.#onMessage);
  }

  /**
   * @param {string} name
   * @param {string | null} before
   * @param {string | null} now
   */
  attributeChangedCallback(name, before, now) {
    if (!this.isConnected || before === now) return;
    if (!this.#updateFrame() && name === "token") this.#post("token");
  }

  // Returns whether the frame loads another document, which is greeted once it has loaded.
  #updateFrame() {
    const look = new URLSearchParams();
    for (const name of LOOKS) if (this.hasAttribute(name)) look.set(name, this.getAttribute(name) ?? "");
    const lang = /** @type {HTMLElement | null} */ (this.closest("[lang]"))?.lang ?? "";
    if (lang) look.set("lang", lang);
    this.#frame.title = TITLES[lang.slice(0, 2).toLowerCase()] ?? TITLES.en;
    const token = this.getAttribute("token") ?? "";
    const [application, secret] = token.split(".");
    const address = secret ? `${frameBase}${encodeURIComponent(application)}?${look}` : "";
    const isMalformed = token !== "" && !secret; // It is no widget's token. The page is told once.
    if (isMalformed && this.#malformed !== token) setTimeout(() => this.#dispatch("error", { reason: "refused" }));
    this.#malformed = isMalformed && token;
    const frame = this.#frame;
    if (frame.src === address && frame.style.height) return false;
    frame.style.height = `${HEIGHTS[look.get("layout") ?? ""] ?? HEIGHTS.card}px`;
    if (address) frame.src = address;
    else if (frame.src) { // Without a token the order must no longer be shown.
      frame.remove();
      frame.removeAttribute("src");
      this.#root.append(frame);
    }
    return true;
  }

  #post(/** @type {"hello" | "token"} */ type) {
    const message = { orderStatus: 1, type, token: this.getAttribute("token") };
    this.#frame.contentWindow?.postMessage(message, frameBase.origin);
  }

  #greet() {
    if (!this.#frame.src) return; // The frame is still empty.
    this.#hasResponded = false;
    this.#post("hello");
    // Without a response, the frame refuses to be in this page, or its server is away.
    setTimeout(() => this.#hasResponded || this.#dispatch("error", { reason: "refused" }), 5000);
  }

  #handle(/** @type {FrameMessage} */ { type, height, state, step, version, reason }) {
    this.#hasResponded = true;
    if (type === "ready") this.#post("hello");
    if (type === "resize" && height > 0) this.#frame.style.height = `${height}px`;
    if (type === "status") this.#dispatch(type, { state, step, version });
    if (type === "error") this.#dispatch(type, { reason });
    if (type === "token-expiring") this.#renewToken();
    if (type === "token-expired") this.#renewToken().then((isNew) => isNew || this.#dispatch(type));
  }

  /**
   * @param {string} name
   * @param {object} [detail]
   */
  #dispatch(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  // Returns whether there is a new token. While it waits for one, it does not ask for another.
  #renewToken() {
    this.#renewal ??= this.#requestToken().finally(() => (this.#renewal = null));
    return this.#renewal;
  }

  // The page provides tokens: element.refreshToken = async () => "a new token".
  async #requestToken() {
    try {
      const token = `${await /** @type {OrderStatusElement} */ (this).refreshToken?.()}`.trim();
      // A server may also return something else, such as an error's text, which is no token.
      const isNew = /^\w+\.[\w-]+$/.test(token) && token !== this.getAttribute("token");
      if (isNew) this.setAttribute("token", token);
      return isNew;
    } catch {
      return false;
    }
  }
}

customElements.get("order-status") ?? customElements.define("order-status", OrderStatus);
