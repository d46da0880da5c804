import type { Buffer } from 'node:buffer';
import { CaptureFrames, type FrameOptions } from './capture-frames.ts';
import type { CaptureTarget } from './capture-target.ts';
import { FormError } from './form-error.ts';
import { isPcap, PcapFile } from './pcap-file.ts';
import { PcapngFile } from './pcapng-file.ts';

/** A capture of either form, in pieces of any size: finds its MQTT streams. */
export class CaptureFile {
  readonly #frames: CaptureFrames;
  readonly #file: PcapFile | PcapngFile;

  /** `start` is how the capture begins: at least four bytes of it. */
  constructor(target: CaptureTarget, options: FrameOptions, start: Buffer) {
    this.#frames = new CaptureFrames(target, options);
    this.#file = isPcap(start) ? new PcapFile(this.#frames) : new PcapngFile(this.#frames);
  }

  /** Takes the next bytes of the file, and keeps them. */
  push(chunk: Buffer): void {
    this.#file.push(chunk);
  }

  /**
   * Nothing more comes.
   *
   * @throws FormError if no frame is of a link that can be read.
   */
  end(): void {
    this.#file.end();
    const link = this.#frames.unknownLink;
    if (link !== undefined) {
      const what = `the capture is of link type ${link}, which decode cannot read`;
      throw new FormError(what, 'capture on an Ethernet, loopback or "any" interface');
    }
    this.#frames.end();
  }
}
