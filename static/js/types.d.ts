// Types that several scripts share: globals, data attributes, events and JSON. Only the type checker reads this file;
// browsers never get it.
import type { Htmx } from "htmx.org";
import type PusherClient from "pusher-js";
import type { Channel } from "pusher-js";

declare global {
  /** pusher-js, where the page loads it: `window.Pusher` is undefined until then. */
  const Pusher: typeof PusherClient;
  const createLiveConnection: CreateLiveConnection;

  interface Window {
    createLiveConnection: CreateLiveConnection;
    earlyConnection?: EarlyConnection;
    htmx?: Htmx;
    Pusher?: typeof PusherClient;
  }

  interface DocumentEventMap {
    connection: CustomEvent<ConnectionDetail>;
  }

  /** What pusher-js says of a change of the connection's state, and of an error of the connection. */
  interface StateChange {
    previous: string;
    current: string;
  }
  interface ConnectionError {
    data?: { code?: number };
    error?: { data?: { code?: number } };
  }

  type PusherSocket = ReturnType<typeof PusherClient.Runtime.createWebSocket>;
  type CreateLiveConnection = (settings: ChannelsSettings, handlers: LiveHandlers) => LiveConnection;

  /** What createLiveConnection calls. */
  interface LiveHandlers {
    /** Fetches what is shown. `isResuming` is true after the page was hidden, suspended or offline. */
    refresh(options?: { isResuming?: boolean }): void;
    /** Shows the state of the connection, which may have changed. */
    showState(): void;
    /** Returns the Channels authorization of a private channel. */
    authorize(socketId: string, channelName: string): Promise<Authorization>;
  }

  /** What createLiveConnection returns. */
  interface LiveConnection {
    /** Subscribes to the channel instead of any other. Returns null if it is subscribed to already. */
    subscribe(channelName: string): Channel | null;
    disconnect(): void;
    refreshStarted(): void;
    requestSent(): void;
    /** Schedules the next refresh, `interval` to twice `interval` seconds away while messages arrive. */
    requestEnded(succeeded: boolean, interval: number): void;
    state(): LinkState;
  }

  type LinkState = "connecting" | "live" | "reconnecting" | "offline";
  type PageState = LinkState | "paused" | "signed-out" | "closed";

  /** The detail of the event `connection`; times are milliseconds by the device's clock. */
  interface ConnectionDetail {
    state: PageState;
    lastResponse: number;
    waiting: number;
  }

  /** The connection that early.js opens before pusher-js has loaded. */
  interface EarlyConnection {
    /** Responses to requests for authorization, by socket id; null where the request failed. */
    authorizations: Record<string, Promise<Response | null>>;
    /** Returns the socket to its first caller, or null if it is closed or was claimed. */
    claimSocket(): WebSocket | null;
  }

  interface Authorization {
    auth: string;
    channel_data?: string;
  }

  /** The data of each of our messages. */
  interface MessageData {
    version?: number;
  }

  /** How to reach the Channels engine, from data attributes. */
  interface ChannelsSettings extends DOMStringMap {
    key: string;
    host: string;
    port: string;
    tls: "yes" | "no";
    cluster: string;
  }

  /** The data attributes of #connection (templates/live.html); the list of orders has only `now`. */
  interface ConnectionSettings extends ChannelsSettings {
    now: string;
    channel: string;
    auth: string;
    token: string;
    tokenSeconds: string;
    tokenAddress: string;
  }

  /** The data attributes of #live. */
  interface RegionData extends DOMStringMap {
    announce: string;
    title: string;
    urgent: "yes" | "no";
  }

  /** The data attributes of #widget (templates/embed/frame.html). */
  interface WidgetSettings extends ChannelsSettings {
    layout: string;
    language: string;
    origins: string;
    application: string;
    ownKey: string;
    words: string;
  }

  /** The data attributes of #status (templates/embed/_status.html); all are missing before the first response. */
  interface StatusData extends DOMStringMap {
    order: string;
    version: string;
    locale: string;
    zone: string;
    announce: string;
    colours: string;
  }

  /** What the frame posts to the page that holds it. */
  interface FrameMessage {
    orderStatus: 1;
    type: "ready" | "resize" | "status" | "error" | "token-expiring" | "token-expired";
    height: number;
    state: string;
    step: string;
    version: number;
    reason: string;
  }

  /** An <order-status> element as its page sees it. */
  interface OrderStatusElement extends HTMLElement {
    /** Set by the page: returns a new token. */
    refreshToken?(): Promise<unknown>;
  }
}
