import type { StateBudget } from './state-budget.ts';

/** The Topic Aliases of one direction of a connection (section 3.3.2.3.4). */
export class TopicAliases {
  readonly #budget: StateBudget;
  readonly #topics = new Map<number, string>();

  constructor(budget: StateBudget) {
    this.#budget = budget;
  }

  find(alias: number): string | undefined {
    return this.#topics.get(alias);
  }

  set(alias: number, topic: string): void {
    this.#drop(alias);
    if (this.#budget.take(topic.length)) this.#topics.set(alias, topic);
  }

  clear(): void {
    for (const alias of [...this.#topics.keys()]) this.#drop(alias);
  }

  #drop(alias: number): void {
    const old = this.#topics.get(alias);
    if (old === undefined) return;
    this.#topics.delete(alias);
    this.#budget.give(old.length);
  }
}
