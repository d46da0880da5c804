/** One answer in line: it goes out when it is ready, and all before it have gone. */
export interface Response {
  send: (() => void) | undefined;
}

/**
 * Keeps a connection's answers in the order of the packets that they answer [MQTT-4.6.0-2]
 * [MQTT-4.6.0-3] [MQTT-4.6.0-4], although some wait for the disk and others do not.
 */
export class ResponseOrder {
  /** Answers that are not ready, or stand behind one that is not. */
  readonly #line: Response[] = [];

  /** Takes a place in line, for a packet that is to be answered. */
  begin(): Response {
    const response: Response = { send: undefined };
    this.#line.push(response);
    return response;
  }

  /** The answer is ready: sends it, and those behind it that are, once it is its turn. */
  settle(response: Response, send: () => void): void {
    response.send = send;
    for (;;) {
      const first = this.#line[0];
      if (first?.send === undefined) return;
      this.#line.shift();
      first.send();
    }
  }
}
