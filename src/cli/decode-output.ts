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
  #isBackedUp = false;
  #hasPrinted = false;

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
    const { isFull, showSecrets } = this.#tree;
    this.report.onPacket(packet);
    if (this.#options.json) this.#print(renderJson(packet, showSecrets));
    else if (this.#options.summary) this.#print(renderSummary(packet, isFull));
    else this.#printBlock(renderTree(packet, this.#tree));
  }

  onGap(gap: Gap): void {
    this.report.onGap(gap);
    if (this.#options.json) this.#print(renderJsonGap(gap));
    else if (this.#options.summary) this.#print(renderSummaryGap(gap));
    else this.#printBlock(renderGap(gap, this.#tree.theme));
  }

  onNote(text: string): void {
    if (this.#options.json) this.#print(renderJsonNote(text));
    else this.#platform.warn(`note: ${text}`);
  }

  /** Resolves when standard output takes more. */
  async whenPrinted(): Promise<void> {
    if (!this.#isBackedUp) return;
    await this.#platform.whenPrinted();
    this.#isBackedUp = false;
  }

  /** The end report: the last object of JSON, else for people on standard error. */
  end(): void {
    if (this.#options.json) this.#print(renderJsonReport(this.report));
    else if (this.#options.quiet !== true) {
      for (const line of this.report.lines) this.#platform.warn(line);
    }
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
