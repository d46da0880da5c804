import { AnswerQueue } from '../inspect/answer-queue.ts';
import { conversationLines } from '../inspect/conversation-lines.ts';
import type { ConversationReport } from '../inspect/conversation-report.ts';
import {
  renderJson,
  renderJsonGap,
  renderJsonNote,
  renderJsonReport,
} from '../inspect/render-json.ts';
import { renderSummary, renderSummaryGap } from '../inspect/render-summary.ts';
import { renderGap, renderTree, type TreeOptions } from '../inspect/render-tree.ts';
import type { DecodedPacket, Gap, StreamTarget } from '../inspect/stream-decoder.ts';
import { StreamReport } from '../inspect/stream-report.ts';
import { isShown } from './decode-filter.ts';
import type { DECODE_OPTIONS } from './decode-options.ts';
import type { OptionsOf } from './option-table.ts';
import type { Platform } from './platform.ts';
import { chooseTheme } from './terminal.ts';

/** The width of what is no terminal. */
const COLUMNS_DEFAULT = 100;

type DecodeOptions = OptionsOf<typeof DECODE_OPTIONS>;

/** Prints what a stream holds, in the form that was asked for, and counts it. */
export class DecodeOutput implements StreamTarget {
  readonly report = new StreamReport();
  readonly #options: DecodeOptions;
  readonly #platform: Platform;
  readonly #tree: TreeOptions;
  readonly #held = new AnswerQueue({
    onPacket: (packet) => this.#printPacket(packet),
    onGap: (gap) => this.#printGap(gap),
    onNote: (text) => this.#printNote(text),
    onStreamEnd: () => {},
  });
  /** Whether a packet may wait for its answer, so as to name it: not where somebody looks on. */
  isHeldBack = false;
  #isBackedUp = false;
  #hasPrinted = false;
  /** Of the first packet that has a time: those of all others are counted from it. */
  #startMs: number | undefined = undefined;

  constructor(options: DecodeOptions, platform: Platform) {
    this.#options = options;
    this.#platform = platform;
    this.#tree = {
      theme: chooseTheme('stdout', options.color, platform),
      columns: options.width ?? platform.columns ?? COLUMNS_DEFAULT,
      isFlat: options.flat === true,
      showSecrets: options.showSecrets === true,
      isFull: options.full === true,
    };
  }

  onPacket(packet: DecodedPacket): void {
    this.report.onPacket(packet);
    this.#held.onPacket(packet);
    if (!this.isHeldBack) this.#held.release();
  }

  onGap(gap: Gap): void {
    this.report.onGap(gap);
    this.#held.onGap(gap);
  }

  onNote(text: string): void {
    this.#held.onNote(text);
  }

  onStreamEnd(): void {}

  /** Resolves when standard output takes more. */
  async whenPrinted(): Promise<void> {
    if (!this.#isBackedUp) return;
    await this.#platform.whenPrinted();
    this.#isBackedUp = false;
  }

  /** The end report: the last object of JSON, else for people on standard error. */
  end(conversations: ConversationReport): void {
    this.#held.release();
    if (this.#options.json) this.#print(renderJsonReport(this.report, conversations));
    else if (this.#options.quiet !== true) {
      const lines = [...this.report.lines, ...conversationLines(conversations)];
      for (const line of lines) this.#platform.warn(line);
    }
  }

  #printPacket(packet: DecodedPacket): void {
    const { isFull, showSecrets } = this.#tree;
    this.#startMs ??= packet.timeMs;
    const startMs = this.#startMs;
    if (!isShown(packet, this.#options)) return;
    if (this.#options.json) this.#print(renderJson(packet, showSecrets));
    else if (this.#options.summary) this.#print(renderSummary(packet, { isFull, startMs }));
    else this.#printBlock(renderTree(packet, { ...this.#tree, startMs }));
  }

  #printGap(gap: Gap): void {
    if (this.#options.json) this.#print(renderJsonGap(gap));
    else if (this.#options.summary) this.#print(renderSummaryGap(gap));
    else this.#printBlock(renderGap(gap, this.#tree.theme));
  }

  #printNote(text: string): void {
    if (this.#options.json) this.#print(renderJsonNote(text));
    else this.#platform.warn(`note: ${text}`);
  }

  /** Blocks have an empty line between them. */
  #printBlock(block: string): void {
    this.#print(this.#hasPrinted ? `\n${block}` : block);
    this.#hasPrinted = true;
  }

  #print(text: string): void {
    if (!this.#platform.print(`${text}\n`)) this.#isBackedUp = true;
  }
}
