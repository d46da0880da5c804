import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';

const NO_BYTES = Buffer.alloc(0);

/**
 * Calls back once all that was written has left this process; never if it cannot. Node's own
 * 'drain' comes only for what exceeds its mark. An empty write behind the others tells for any
 * amount, and costs nothing where all is sent at once.
 */
export function awaitEmpty(socket: Socket, onEmpty: () => void): void {
  socket.write(NO_BYTES, (error) => {
    // Unsent for good: the close tells.
    if (error !== null && error !== undefined) return;
    if (socket.writableLength === 0) onEmpty();
    // Behind the end a write is an error, which would cut off what is unsent: the close tells.
    else if (!socket.writableEnded) awaitEmpty(socket, onEmpty);
  });
}
