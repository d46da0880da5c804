import { expect, it } from 'vitest';
import type { Packet } from '../../src/codec/packet.ts';
import { ProtocolError } from '../../src/codec/protocol-error.ts';
import { readFrame } from './read-frame.ts';
import { readVectors, type Vector } from './vectors.ts';
import { writeFrame } from './write-frame.ts';

/** Makes a test of each vector in the file. */
export function testVectors(file: string): void {
  it.each(readVectors(file).map((vector) => [vector.name, vector] as const))('%s', (_, vector) => {
    checkVector(vector);
  });
}

/** The ProtocolError that a reading ends in. */
export function refusalOf(read: () => unknown): ProtocolError {
  try {
    read();
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

function checkVector({ bytes, level, outcome, sender }: Vector): void {
  if (outcome.kind === 'refused') {
    const { clauses, offset, reason, rule } = refusalOf(() => readFrame(bytes, level, sender));
    expect({ kind: 'refused', rule, reason, clauses, offset }).toEqual(outcome);
    return;
  }
  expect(readFrame(bytes, level, sender)).toEqual(outcome.packet);
  const written = writeFrame(outcome.packet as Packet, level);
  expect(written.equals(bytes)).toBe(outcome.isWrittenSo);
  expect(readFrame(written, level, sender)).toEqual(outcome.packet);
}
