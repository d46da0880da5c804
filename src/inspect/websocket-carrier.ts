import { Buffer } from 'node:buffer';
import type { StreamEnd } from './capture-target.ts';
import { type Carrier, type ConnectionFacts, MqttCarrier, type Side } from './carrier.ts';
import { safeText } from './safe-text.ts';
import type { SegmentData } from './tcp-side.ts';
import { WebSocketSide } from './websocket-side.ts';

const HTTP_BYTES_MAX = 16 * 1024;
const HTTP_END = '\r\n\r\n';
const UPGRADE = /^upgrade:[ \t]*websocket/im;
const PROTOCOL = /^sec-websocket-protocol:(.*)$/im;
const MQTT_PROTOCOLS: ReadonlySet<string> = new Set(['mqtt', 'mqttv3.1']);

/** Whether a request is to open a WebSocket for MQTT; on a port known for MQTT any counts. */
export function isMqttUpgrade(request: Buffer, isPortKnown: boolean): boolean {
  const text = request.toString('latin1', 0, HTTP_BYTES_MAX);
  return UPGRADE.test(text) && (isPortKnown || namesMqtt(text));
}

/** MQTT in WebSocket frames, behind the HTTP that opens them. */
export class WebSocketCarrier implements Carrier {
  readonly #mqtt: MqttCarrier;
  readonly #client: Side;
  readonly #frames: readonly [WebSocketSide, WebSocketSide];
  /** What came of the HTTP; undefined once it is over. */
  readonly #http: [Buffer | undefined, Buffer | undefined] = [Buffer.alloc(0), Buffer.alloc(0)];
  #isRefused = false;

  constructor(facts: ConnectionFacts) {
    const isFromStart = [true, true] as const;
    const title = `${facts.title} (WebSocket)`;
    this.#mqtt = new MqttCarrier({ ...facts, isFromStart, title });
    this.#client = facts.client;
    this.#frames = [this.#framesOf(0), this.#framesOf(1)];
  }

  onData(side: Side, data: SegmentData): void {
    if (this.#isRefused) return;
    const http = this.#http[side];
    if (http === undefined) this.#pushFrames(side, data);
    else this.#readHttp(side, http, data);
  }

  onHole(side: Side, length: number): void {
    const payload = this.#http[side] === undefined ? this.#frames[side].skip(length) : undefined;
    this.#mqtt.onHole(side, payload ?? length);
    if (payload === undefined) this.onNote('bytes are missing between WebSocket frames');
  }

  onEnd(how: StreamEnd): void {
    this.#mqtt.onEnd(how);
  }

  onNote(text: string): void {
    this.#mqtt.onNote(text);
  }

  #framesOf(side: Side): WebSocketSide {
    return new WebSocketSide({
      onPayload: (data) => this.#mqtt.onData(side, data),
      onNote: (text) => this.onNote(text),
    });
  }

  #pushFrames(side: Side, data: SegmentData): void {
    const frames = this.#frames[side];
    if (!frames.isUnreadable) frames.push(data);
  }

  #readHttp(side: Side, before: Buffer, data: SegmentData): void {
    const http = Buffer.concat([before, data.bytes]);
    const end = http.indexOf(HTTP_END);
    if (end < 0) {
      this.#http[side] = http.subarray(0, HTTP_BYTES_MAX);
      return;
    }
    this.#http[side] = undefined;
    this.#judge(side, http.toString('latin1', 0, end));
    const start = end + HTTP_END.length - before.length;
    const bytes = data.bytes.subarray(start);
    if (bytes.length > 0) this.onData(side, { ...data, bytes, byte: data.byte + start });
  }

  #judge(side: Side, text: string): void {
    const status = text.split('\r\n', 1)[0] ?? '';
    if (side !== this.#client && !/^HTTP\/1\.1 101\b/.test(status)) {
      this.#isRefused = true;
      this.onNote(`the server opened no WebSocket: ${safeText(status.slice(0, 64))}`);
    } else if (!namesMqtt(text)) {
      const what = side === this.#client ? 'the client offered' : 'the server returned';
      const clause = side === this.#client ? 'MQTT-6.0.0-3' : 'MQTT-6.0.0-4';
      this.onNote(`${what} no WebSocket subprotocol mqtt [${clause}]`);
    }
  }
}

function namesMqtt(http: string): boolean {
  const names = PROTOCOL.exec(http)?.[1]?.split(',') ?? [];
  return names.some((name) => MQTT_PROTOCOLS.has(name.trim().toLowerCase()));
}
