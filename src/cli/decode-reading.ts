import type { Buffer } from 'node:buffer';
import process from 'node:process';
import { CallerError } from '../base/caller-error.ts';
import { PACKET_TYPES, type PacketName } from '../codec/packet-type.ts';
import { MQTT_PORTS } from '../inspect/capture-frames.ts';
import type { CaptureOptions } from '../inspect/capture-options.ts';
import type { CaptureReader } from '../inspect/capture-reader.ts';
import { FormError } from '../inspect/form-error.ts';
import type { DecodeSource } from './decode-input.ts';
import type { DECODE_OPTIONS } from './decode-options.ts';
import { gunzipChunks } from './gunzip-chunks.ts';
import type { OptionsOf } from './option-table.ts';
import type { Cancel, Platform } from './platform.ts';

type DecodeOptions = OptionsOf<typeof DECODE_OPTIONS>;

/** What comes within this time belongs together: a text is not taken for whole before. */
const PAUSE_MS = 300;
/** A file in base64 is unpacked at once. */
const UNPACKED_BYTES_MAX = 64 * 1024 * 1024;

/** What a reader is told of the command line. */
export function captureOptions(options: DecodeOptions): Omit<CaptureOptions, 'streams'> {
  const { body, dir, scan, scanAll } = options;
  if (options.flags !== undefined && body === undefined) {
    throw new CallerError('usage', '--flags are those of --body', { remedy: 'add --body PACKET' });
  }
  return {
    form: options.in,
    direction: dir === 'c2s' || dir === 's2c' ? dir : undefined,
    writer: options.tx === 'server' ? 'server' : 'client',
    body: isPacketName(body) ? { name: body, flags: options.flags ?? flagsOf(body) } : undefined,
    scan: scanAll === true ? 'all' : scanOf(scan),
    ports: [...MQTT_PORTS, ...options.port],
    connectionsMax: options.maxStreams,
    gunzip,
  };
}

interface Task {
  readonly source: DecodeSource;
  readonly reader: CaptureReader;
  readonly platform: Platform;
  /** Resolves when more may be read. */
  readonly whenRead: () => Promise<void>;
}

/** Reads one capture as it arrives; a signal ends it as its own end does. */
export async function readSource({ platform, reader, source, whenRead }: Task): Promise<void> {
  const chunks = gunzipChunks(source.chunks);
  const { stopped, release } = untilSignal(platform);
  let isStopped = false;
  let hasRead = false;
  let cancelPause: Cancel = () => {};
  try {
    for (;;) {
      const step = await Promise.race([chunks.next(), stopped]);
      isStopped = step === undefined;
      if (step === undefined || step.done === true) break;
      cancelPause();
      hasRead = true;
      reader.push(step.value);
      await whenRead();
      if (source.kind === 'stdin') {
        cancelPause = platform.setAlarm(platform.nowMs() + PAUSE_MS, () => reader.onPause());
      }
    }
    reader.end();
  } catch (error) {
    if (isStopped && !hasRead && error instanceof FormError) throw interrupted();
    throw error instanceof FormError ? unusable(error, source) : error;
  } finally {
    cancelPause();
    release();
  }
}

function untilSignal(platform: Platform) {
  let release = () => {};
  const stopped = new Promise<undefined>((resolve) => {
    release = platform.onSignal(() => resolve(undefined));
  });
  return { stopped, release };
}

function scanOf(scan: boolean | undefined): 'runs' | undefined {
  return scan === true ? 'runs' : undefined;
}

function isPacketName(name: string | undefined): name is PacketName {
  return name !== undefined && Object.hasOwn(PACKET_TYPES, name);
}

function flagsOf(name: PacketName): number {
  const { flags } = PACKET_TYPES[name];
  return flags === 'own' ? 0 : flags;
}

function gunzip(bytes: Buffer): Buffer | undefined {
  try {
    const { gunzipSync } = process.getBuiltinModule('node:zlib');
    return gunzipSync(bytes, { maxOutputLength: UNPACKED_BYTES_MAX });
  } catch (error) {
    if (error instanceof RangeError || (error instanceof Error && 'code' in error))
      return undefined;
    throw error;
  }
}

/** Who stops it before anything came has not asked for an explanation. */
function interrupted(): CallerError {
  const remedy = 'paste hex, or name a file; Ctrl-D ends what is pasted';
  return new CallerError('usage', 'stopped before there was anything to decode', { remedy });
}

function unusable({ message, remedy }: FormError, { kind, name }: DecodeSource): CallerError {
  const isWord = kind === 'words' && !name.includes(' ');
  const why = isWord ? `${JSON.stringify(name)} names no file: it is read as hex` : undefined;
  return new CallerError('usage', message, { why, remedy });
}
