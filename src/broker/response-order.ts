/** One answer in line: it goes out when it is ready, and all before it have gone. */
export interface Response {
  send: (() => void) | undefined;
}

/** Whom to tell that enough answers are in line, and that there is room again. */
interface Holder {
  hold(): void;
  letGo(): void;
}

/** A client that sends on without waiting for answers is not read once so many are due to it. */
const WAITING_MAX = 1_000;

/**
 * Keeps a connection's answers in the order of the packets that they answer [MQTT-4.6.0-2]
 * [MQTT-4.6.0-3] [MQTT-4.6.0-4], although some wait for the disk and others do not. What is in line
 * when the connection ends is never sent.
 */
export class ResponseOrder {
  /**
   * Answers that are not ready, or stand behind one that is not, from `#start` on; made by the
   * first of them.
   */
  #line: (Response | undefined)[] | undefined = undefined;
  #start = 0;
  #isHolding = false;
  #isClosed = false;
  readonly #holder: Holder;

  constructor(holder: Holder) {
    this.#holder = holder;
  }

  get length(): number {
    return (this.#line?.length ?? 0) - this.#start;
  }

  /** Takes a place in line, for a packet that is to be answered. */
  begin(): Response {
    const response: Response = { send: undefined };
    if (this.#isClosed) return response;
    this.#line ??= [];
    this.#line.push(response);
    if (this.length >= WAITING_MAX && !this.#isHolding) {
      this.#isHolding = true;
      this.#holder.hold();
    }
    return response;
  }

  /** The answer is ready: sends it, and those behind it that are, once it is its turn. */
  settle(response: Response, send: () => void): void {
    response.send = send;
    for (;;) {
      const line = this.#line;
      const first = line?.[this.#start];
      if (line === undefined || first?.send === undefined) break;
      this.#shift(line);
      first.send();
    }
    if (!this.#isHolding || this.length >= WAITING_MAX / 2) return;
    this.#isHolding = false;
    this.#holder.letGo();
  }

  /** The connection is gone: nothing is sent any more, and nothing kept. */
  close(): void {
    this.#isClosed = true;
    this.#line = undefined;
    this.#start = 0;
  }

  #shift(line: (Response | undefined)[]): void {
    line[this.#start] = undefined;
    this.#start += 1;
    if (this.#start * 2 <= line.length) return;
    this.#line = line.slice(this.#start);
    this.#start = 0;
  }
}
