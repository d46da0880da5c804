import type { Cancel, Platform } from './platform.ts';
import type { PublishTally } from './publish-task.ts';
import { startSpinner } from './terminal.ts';

const REDRAW_MS = 250;
const LINE_MS = 5000;

/** Tells how far a run has come: on a terminal by one line that changes, else by lines. */
export function showProgress(tally: () => PublishTally, platform: Platform): Cancel {
  const startedMs = platform.nowMs();
  const isLive = platform.isTerminal.stderr;
  const text = () => progressText(tally(), platform.nowMs() - startedMs);
  const spinner = isLive ? startSpinner(text(), platform) : undefined;
  const periodMs = isLive ? REDRAW_MS : LINE_MS;
  let cancel: Cancel = () => {};
  const tick = () => {
    if (spinner === undefined) platform.warn(text());
    else spinner.say(text());
    cancel = platform.setAlarm(platform.nowMs() + periodMs, tick);
  };
  cancel = platform.setAlarm(startedMs + periodMs, tick);
  return () => {
    cancel();
    spinner?.stop();
  };
}

/** `published 1,204 · 3,011 msg/s · 20 in flight` */
export function progressText({ doneCount, inFlightCount }: PublishTally, ms: number): string {
  const rate = ms === 0 ? 0 : (doneCount * 1000) / ms;
  const figures = [
    `published ${grouped(doneCount)}`,
    `${grouped(rate)} msg/s`,
    `${grouped(inFlightCount)} in flight`,
  ];
  return figures.join(' · ');
}

/** `1,204` */
function grouped(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}
