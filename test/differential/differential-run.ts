import { BrokerProcess } from '../support/broker-process.ts';
import { Mosquitto } from '../support/mosquitto.ts';
import { type DifferentialCase, makeCase, PACKET_BYTES_MAX } from './case-maker.ts';
import { compare, type Difference, type Pair } from './compare.ts';
import { Contestant } from './contestant.ts';
import { type Explanation, readExplanations } from './difference-table.ts';
import { minimise } from './minimise.ts';
import { renderCase } from './render-case.ts';

/** The classes of differences that are explained. */
const EXPLANATIONS_FILE = 'test/differential/differences.md';

/** The mosquitto that they are about: Debian's. */
export const EXPLAINED_VERSION = '2.0.11';

/** Limits that both brokers are given, so that they differ in what the standard says alone. */
const LIMITS = { receiveMaximum: 20, topicAliasMaximum: 10 } as const;

/** After so many classes that nobody has explained a run ends: there is something to mend first. */
const UNEXPLAINED_MAX = 10;

/** What a run has found. */
export interface Report {
  /** How many cases were run: fewer than asked for, if too much was found. */
  readonly cases: number;
  /** How often each explained class was met, by its line in the file. */
  readonly explained: ReadonlyMap<number, number>;
  /** Differences that no row explains, each as a text with the smallest case that shows it. */
  readonly unexplained: readonly string[];
}

/** A mosquitto and an mqttk of its own, to which the same bytes are sent. */
export class DifferentialRun {
  readonly #mosquitto: Mosquitto;
  readonly #mqttk: BrokerProcess;
  readonly #contestants: Pair<Contestant>;
  readonly #explanations: readonly Explanation[];

  private constructor(
    processes: { readonly mqttk: BrokerProcess; readonly mosquitto: Mosquitto },
    contestants: Pair<Contestant>,
  ) {
    this.#mosquitto = processes.mosquitto;
    this.#mqttk = processes.mqttk;
    this.#contestants = contestants;
    this.#explanations = readExplanations(EXPLANATIONS_FILE);
  }

  static async start(): Promise<DifferentialRun> {
    const { receiveMaximum, topicAliasMaximum } = LIMITS;
    const mqttk = await BrokerProcess.start(
      ...['--receive-maximum', String(receiveMaximum)],
      ...['--topic-alias-max', String(topicAliasMaximum)],
      ...['--max-packet-size', String(PACKET_BYTES_MAX)],
      ...['--max-connect-size', String(PACKET_BYTES_MAX)],
      ...['--max-session-expiry', 'never'],
      '--no-log-connections',
    );
    const mosquitto = await Mosquitto.start(
      'log_type none',
      'set_tcp_nodelay true',
      'sys_interval 0',
      'allow_duplicate_messages false',
      `max_inflight_messages ${receiveMaximum}`,
      `max_packet_size ${PACKET_BYTES_MAX}`,
    );
    const contestants = {
      mqttk: await Contestant.meet(Number(mqttk.port)),
      mosquitto: await Contestant.meet(Number(mosquitto.port)),
    };
    return new DifferentialRun({ mqttk, mosquitto }, contestants);
  }

  /** Runs `count` cases; the n-th of a seed is always the same. */
  async run(seed: number, count: number): Promise<Report> {
    const explained = new Map<number, number>();
    const unexplained = new Map<string, string>();
    let cases = 0;
    while (cases < count && unexplained.size < UNEXPLAINED_MAX) {
      const made = makeCase(caseSeed(seed, cases));
      for (const difference of await this.#differences(made)) {
        const key = keyOf(difference);
        const row = this.#explanations.find((one) => one.matches(difference));
        if (row !== undefined) explained.set(row.line, (explained.get(row.line) ?? 0) + 1);
        else if (!unexplained.has(key)) {
          const shown = await this.#show(made, difference);
          unexplained.set(key, `case ${cases} of seed ${seed}\n${shown}`);
        }
      }
      cases += 1;
    }
    return { cases, explained, unexplained: [...unexplained.values()] };
  }

  /** What the brokers do differently in this case. */
  async #differences(made: DifferentialCase): Promise<Difference[]> {
    const [mqttk, mosquitto] = await Promise.all([
      this.#contestants.mqttk.run(made),
      this.#contestants.mosquitto.run(made),
    ]);
    return compare(made, { mqttk, mosquitto });
  }

  async stop(): Promise<void> {
    this.#contestants.mqttk.close();
    this.#contestants.mosquitto.close();
    await Promise.all([this.#mqttk.stop(), this.#mosquitto.stop()]);
  }

  async #show(made: DifferentialCase, difference: Difference): Promise<string> {
    const key = keyOf(difference);
    const smallest = await minimise(made, async (smaller) =>
      (await this.#differences(smaller)).some((one) => keyOf(one) === key),
    );
    return `${renderDifference(difference)}\n${renderCase(smallest)}`;
  }
}

/** Mixed, so that neighbouring seeds share no cases. */
function caseSeed(seed: number, index: number): number {
  return Math.imul(seed, 0x9e3779b1) + index;
}

function keyOf(difference: Difference): string {
  return JSON.stringify(difference);
}

/** As the first cells of a row would say it. */
function renderDifference({ mosquitto, mqttk, packet, traits, version }: Difference): string {
  return `| ${[version, packet, traits, mqttk, mosquitto].join(' | ')} |`;
}
