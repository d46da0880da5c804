import { Buffer } from 'node:buffer';
import type { TextBlock } from './capture-form.ts';
import { FormError } from './form-error.ts';
import type { LogSide } from './text-lines.ts';
import { WebSocketSide } from './websocket-side.ts';

/** One side of a log, and the payload of the block at hand. */
interface Unpacking {
  readonly side: WebSocketSide;
  parts: Buffer[];
}

/**
 * What stands in the WebSocket frames that a text holds. Each side of a log has frames of its own;
 * who masks them is the client.
 *
 * @throws FormError if a side has no frames.
 */
export function unpackFrames(
  blocks: readonly TextBlock[],
  onNote: (text: string) => void,
): TextBlock[] {
  const sides = new Map<LogSide | undefined, Unpacking>();
  return blocks.map((block) => {
    const unpacking = sides.get(block.side) ?? begin(onNote);
    sides.set(block.side, unpacking);
    const { side } = unpacking;
    unpacking.parts = [];
    side.push({ bytes: block.bytes, timeMs: block.timeMs, byte: 0 });
    if (side.isUnreadable) {
      throw new FormError(
        `line ${block.line}, column 1: these are no WebSocket frames`,
        'leave --in out to find the form',
      );
    }
    const direction = side.isMasked === true ? 'c2s' : 's2c';
    return { ...block, bytes: Buffer.concat(unpacking.parts), direction };
  });
}

function begin(onNote: (text: string) => void): Unpacking {
  const unpacking: Unpacking = {
    side: new WebSocketSide({ onPayload: ({ bytes }) => unpacking.parts.push(bytes), onNote }),
    parts: [],
  };
  return unpacking;
}
