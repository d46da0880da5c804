import type { BrokerConfig } from '../../src/broker/broker-config.ts';
import type { ModelConnection } from './model-connection.ts';
import type { Share } from './model-message.ts';
import { ModelRetained } from './model-retained.ts';
import type { ModelSession } from './model-session.ts';

/** All that the model knows, and what it has found. */
export class ModelState {
  readonly config: BrokerConfig;
  readonly sessions = new Map<string, ModelSession>();
  readonly connections = new Set<ModelConnection>();
  readonly retained = new ModelRetained();
  /** What is wrong: nothing, until the run ends by it. */
  readonly findings: string[] = [];
  nowMs = 0;
  /**
   * Several things fall due at one moment: the order among them is the broker's to choose, and
   * where it decides who gets a message both ways are right.
   */
  isUnsure = false;
  /** Messages to groups in this step. */
  shares: Share[] = [];
  readonly #sharesByText = new Map<string, Share[]>();

  /** What of the broker's state outlives it: with `all` answers wait until it is kept. */
  readonly outlives: 'nothing' | 'all';

  constructor(config: BrokerConfig, outlives: 'nothing' | 'all') {
    this.config = config;
    this.outlives = outlives;
  }

  /** A message goes to a group. What was published twice cannot be told apart. */
  noteShare(share: Share): void {
    this.shares.push(share);
    const shares = this.#sharesByText.get(share.text) ?? [];
    this.#sharesByText.set(share.text, shares);
    shares.push(share);
    if (shares.every(({ message }) => message === share.message)) return;
    for (const one of shares) one.blur();
  }

  report(finding: string): void {
    this.findings.push(finding);
  }
}
