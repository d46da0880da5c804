import { type Account, BufferPool } from './buffer-pool.ts';
import { SharedSlab } from './shared-slab.ts';

/** Free buffers kept: those of 256 connections that are sent much in one turn. */
const POOL_KEPT_BYTES_MAX = 16_777_216;

/** The one of a broker. */
export function outputMemory(account: Account): OutputMemory {
  return new OutputMemory(new BufferPool(POOL_KEPT_BYTES_MAX, account));
}

/** Where all outputs of a broker have their bytes. */
export class OutputMemory {
  readonly pool: BufferPool;
  /** What goes to several. */
  readonly shared: SharedSlab;
  /** Windows for those who are sent little. */
  readonly small: SharedSlab;

  constructor(pool: BufferPool) {
    this.pool = pool;
    this.shared = new SharedSlab(pool);
    this.small = new SharedSlab(pool);
  }

  /** The channels have been given all output of this turn. */
  onTurnEnd(): void {
    this.shared.onTurnEnd();
    this.small.onTurnEnd();
  }
}
