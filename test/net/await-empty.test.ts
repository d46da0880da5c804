import { expect, it, vi } from 'vitest';
import { awaitEmpty } from '../../src/net/await-empty.ts';

/** A socket whose writes end when the test says so. */
class SlowSocket {
  writableLength = 0;
  writableEnded = false;
  readonly #ends: ((error?: Error) => void)[] = [];

  write(_bytes: Buffer, onEnd: (error?: Error) => void): void {
    this.#ends.push(onEnd);
  }

  endWrite(error?: Error): void {
    this.#ends.shift()?.(error);
  }
}

function begun() {
  const socket = new SlowSocket();
  const onEmpty = vi.fn();
  awaitEmpty(socket as unknown as Parameters<typeof awaitEmpty>[0], onEmpty);
  return { socket, onEmpty };
}

it('waits on while something is unsent that was written meanwhile', () => {
  const { onEmpty, socket } = begun();
  socket.writableLength = 7;
  socket.endWrite();
  expect(onEmpty).not.toHaveBeenCalled();
  socket.writableLength = 0;
  socket.endWrite();
  expect(onEmpty).toHaveBeenCalledOnce();
});

it('writes nothing behind the end, which would cut off what is unsent', () => {
  const { onEmpty, socket } = begun();
  socket.writableLength = 7;
  socket.writableEnded = true;
  const write = vi.spyOn(socket, 'write');
  socket.endWrite();
  expect(write).not.toHaveBeenCalled();
  expect(onEmpty).not.toHaveBeenCalled();
});

it('does not tell of what is unsent for good', () => {
  const { onEmpty, socket } = begun();
  socket.endWrite(new Error('reset'));
  expect(onEmpty).not.toHaveBeenCalled();
});
