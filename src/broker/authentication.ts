import { Buffer } from 'node:buffer';
import { assertNever } from '../base/assert.ts';
import type { AuthPacket } from '../codec/packet.ts';
import { ProtocolError } from '../codec/protocol-error.ts';
import { REASONS, type ReasonName } from '../codec/reason-code.ts';
import type { Connection } from './connection.ts';

/** What a method makes of one step of its exchange; data is what goes to the client with it. */
export type AuthAnswer =
  | { readonly kind: 'continue'; readonly data: Buffer | undefined }
  | { readonly kind: 'accept'; readonly data: Buffer | undefined }
  | { readonly kind: 'refuse'; readonly reason: ReasonName; readonly message: string };

/** One exchange with one client: made anew for each CONNECT, and each time it is done again. */
export interface AuthExchange {
  /** Takes the client's data, which is its own, and answers, at once or later, once a call. */
  next(data: Buffer | undefined, answer: (answer: AuthAnswer) => void): void;
}

/** Who the client says that it is. */
interface AuthClient {
  readonly clientId: string;
  readonly userName: string | undefined;
}

/** The methods that a broker knows, by their names in the Authentication Method property. */
export type AuthMethods = ReadonlyMap<string, (client: AuthClient) => AuthExchange>;

/** What the first exchange of a connection ends in. */
export interface AuthOutcome {
  /** The client is who it says; `data` goes out with CONNACK. */
  onAccepted(data: Buffer | undefined): void;
  onRefused(reason: ReasonName, message: string): void;
  /** The client has been asked for more. */
  onContinued(): void;
}

/**
 * Enhanced authentication of one connection (section 4.12). The method of CONNECT is the method of
 * all that follows [MQTT-4.12.0-5].
 *
 *     CONNECT -> exchange -> AUTH 0x18 <-> AUTH 0x18 ... -> accepted -> AUTH 0x19 -> exchange ...
 *                                                     \-> refused
 */
export class Authentication {
  readonly method: string;
  readonly #connection: Connection;
  readonly #begin: () => AuthExchange;
  /** Undefined while nobody has anything to prove. */
  #exchange: AuthExchange | undefined;
  /** Whether the method is thinking: the client has nothing to say then. */
  #isThinking = false;

  constructor(connection: Connection, method: string, begin: () => AuthExchange) {
    this.#connection = connection;
    this.method = method;
    this.#begin = begin;
    this.#exchange = begin();
  }

  /** A step before CONNACK: CONNECT itself, or an AUTH that goes on. */
  step(data: Buffer | undefined, outcome: AuthOutcome): void {
    this.#next(data, (answer) => {
      if (answer.kind === 'continue') {
        this.#send('continueAuthentication', answer.data);
        outcome.onContinued();
        return;
      }
      this.#exchange = undefined;
      if (answer.kind === 'accept') outcome.onAccepted(answer.data);
      else outcome.onRefused(answer.reason, answer.message);
    });
  }

  /**
   * AUTH on a connection that is up (section 4.12.1): other packets go on meanwhile.
   *
   * @throws ProtocolError if it is out of turn, or not of this connection's method.
   */
  onAuth(packet: AuthPacket): void {
    this.check(packet, this.#exchange === undefined ? 'reAuthenticate' : 'continueAuthentication');
    this.#exchange ??= this.#begin();
    this.#next(packet.properties.authenticationData, (answer) => {
      switch (answer.kind) {
        case 'continue':
          this.#send('continueAuthentication', answer.data);
          break;
        case 'accept':
          this.#exchange = undefined;
          this.#send('success', answer.data);
          break;
        case 'refuse': {
          const { message, reason } = answer;
          this.#connection.end({ by: 'server', reason, message, keepsWill: true });
          break;
        }
        default:
          assertNever(answer);
      }
    });
  }

  /** @throws ProtocolError for an AUTH with another method or reason code, or out of turn. */
  check(packet: AuthPacket, expected: 'continueAuthentication' | 'reAuthenticate'): void {
    const { level } = this.#connection;
    if (packet.properties.authenticationMethod !== this.method) {
      const subjects = [expected === 'reAuthenticate' ? 'again' : 'auth'];
      throw new ProtocolError('auth-method', 'AUTH with another method', { level, subjects });
    }
    const { code, title } = REASONS[expected];
    if (packet.reasonCode === code && !this.#isThinking) return;
    const message = `AUTH is not "${title}", which alone may come now`;
    throw new ProtocolError('auth-turn', message, { level });
  }

  #next(data: Buffer | undefined, apply: (answer: AuthAnswer) => void): void {
    const exchange = this.#exchange;
    this.#isThinking = true;
    // A method may take its time: the bytes that the data came in are good for this turn alone.
    exchange?.next(data && Buffer.from(data), (answer) => {
      this.#connection.guard(() => {
        this.#isThinking = false;
        if (this.#connection.isOpen) apply(answer);
      });
    });
  }

  #send(reason: 'continueAuthentication' | 'success', data: Buffer | undefined): void {
    this.#connection.reply({
      type: 'auth',
      reasonCode: REASONS[reason].code,
      properties: {
        authenticationMethod: this.method,
        ...(data === undefined ? {} : { authenticationData: data }),
      },
    });
  }
}
