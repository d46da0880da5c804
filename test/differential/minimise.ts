import { Buffer } from 'node:buffer';
import type { DifferentialCase, Leg } from './case-maker.ts';
import { type Bytes, findHeader, varint } from './wire.ts';

/** Enough for a case of some hundred bytes. */
const TRIALS_MAX = 3000;
const CUTS = [16, 8, 4, 2, 1] as const;

/** The smallest case found that is still one of those that `isSame` accepts. */
export async function minimise(
  made: DifferentialCase,
  isSame: (smaller: DifferentialCase) => Promise<boolean>,
): Promise<DifferentialCase> {
  let best = made;
  let trialsLeft = TRIALS_MAX;
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    for (const smaller of smallerCases(best)) {
      trialsLeft -= 1;
      if (trialsLeft < 0) return best;
      if (!(await isSame(smaller))) continue;
      best = smaller;
      isSmaller = true;
      break;
    }
  }
  return best;
}

/** Cases with less, those with the most less first. */
function* smallerCases({ legs }: DifferentialCase): Generator<DifferentialCase> {
  for (const index of legs.keys()) {
    if (legs.length > 1) yield { legs: legs.toSpliced(index, 1) };
  }
  for (const [index, leg] of legs.entries()) {
    for (const smaller of smallerLegs(leg)) yield { legs: legs.with(index, smaller) };
  }
}

function* smallerLegs({ torn, units }: Leg): Generator<Leg> {
  if (torn.length > 0) yield { units, torn: Buffer.alloc(0) };
  for (const index of units.keys()) {
    if (units.length > 1) yield { torn, units: units.toSpliced(index, 1) };
  }
  for (const [index, unit] of units.entries()) {
    for (const smaller of shorterUnits(unit)) yield { torn, units: units.with(index, smaller) };
  }
}

/** The packet without some of its bytes, under a header that says so. */
function* shorterUnits(unit: Bytes): Generator<Bytes> {
  const { bodyLength, bodyStart } = findHeader(unit) ?? {};
  if (bodyLength === undefined || bodyStart === undefined) return;
  const body = unit.subarray(bodyStart);
  if (body.length !== bodyLength) return;
  for (const length of CUTS) {
    for (let at = 0; at + length <= body.length; at += 1) {
      const left = Buffer.concat([body.subarray(0, at), body.subarray(at + length)]);
      yield Buffer.concat([unit.subarray(0, 1), varint(left.length), left]);
    }
  }
}
