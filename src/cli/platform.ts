import type { Buffer } from 'node:buffer';
import type { ExitCode } from './exit-codes.ts';

type StreamName = 'stdin' | 'stdout' | 'stderr';
export type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';
/** Signals that mean what a program makes of them. */
export type UserSignal = 'SIGUSR1' | 'SIGUSR2';

/** Takes back what it was returned for: a listener, an alarm. A second call does nothing. */
export type Cancel = () => void;

/** All that a command sees of the process; tests pass a recording one. */
export interface Platform extends Terminal, Input, Time, Chance, Load {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  /** Takes the words of the command line from the sight of those who list processes. */
  hideWords(): void;
  /** What runs us, for reports: `Node.js v20.20.2 on linux x64`. */
  readonly runtime: string;
  /** What this process may use: of the machine, or of its container. */
  readonly memoryBytes: number;
  /** How far the heap of V8 may grow: buffers lie outside of it. */
  readonly heapBytesMax: number;
  /** How many files and sockets may be open; undefined if any number. To ask before there are. */
  openFilesMax(): number | undefined;
  /**
   * Names who is told of signals. While somebody is, they do not end the process by themselves.
   */
  onSignal(listener: (signal: Signal) => void): Cancel;
  /** The same for signals that ask for something. Node answers SIGUSR1 with a debugger else. */
  onUserSignal(listener: (signal: UserSignal) => void): Cancel;
  /** Whether it was started at a terminal that has gone away since: its window was closed, say. */
  hasLostTerminal(): boolean;
  /**
   * Names the one who is told, in place of an earlier one, of an error that nobody caught; it is
   * such a one, too, if nothing is left to wait for before `exit` was called.
   */
  onFault(listener: (error: unknown) => void): void;
  /**
   * Ends the process by this signal once all output is out, as if nobody had listened for it: so
   * that who started it sees why it ended. Resolves only where the signal ends nothing.
   */
  endBy(signal: Signal): Promise<void>;
  /** Ends the process with this code once all output is out. For `program.ts` alone. */
  exit(code: ExitCode): void;
}

/** Standard output and standard error. */
interface Terminal {
  readonly isTerminal: Readonly<Record<StreamName, boolean>>;
  /** The terminal's width behind standard output; undefined where that is none. */
  readonly columns: number | undefined;
  /**
   * The answer: standard output, exactly these bytes or characters. False if output is backed up
   * (a slow reader of the pipe): print no more until `onPrinted`, or `whenPrinted`. `onPrinted` is
   * called once the data has left the process, and never if it did not; until then bytes must
   * not change.
   */
  print(data: string | Uint8Array, onPrinted?: () => void): boolean;
  /** Resolves when all that was printed has left the process, or no more can. */
  whenPrinted(): Promise<void>;
  /**
   * Names the one who is told, in place of an earlier one, that standard output takes no more:
   * undefined if its reader went away (a closed pipe is no error), else a `CallerError` of kind
   * file. What is printed later is dropped. Unless a command names its own, the run ends there.
   */
  onOutputEnd(listener: (error: Error | undefined) => void): void;
  /** One line of everything else that a person may want to know: standard error. */
  warn(line: string): void;
}

/** Files and standard input. A failure is a `CallerError` of kind file. */
interface Input {
  /** A file's bytes, or all of standard input for `-`. */
  read(path: string): Promise<Buffer>;
  /** The same piece by piece, for input without end: reads on only when the next is asked for. */
  readChunks(path: string): AsyncIterable<Buffer>;
  /** Whether others than its owner may read a file. */
  isOpenToOthers(path: string): boolean;
  /**
   * Asks on the terminal, and shows nothing of the answer. Rejects with a `CallerError` of kind
   * usage where there is no terminal, or no answer.
   */
  askSecret(question: string): Promise<string>;
  /** The names of what is in a folder, sorted. */
  list(path: string): Promise<readonly string[]>;
}

interface Time {
  /** Milliseconds from some moment before now; never goes back. */
  nowMs(): number;
  /** The wall clock. */
  date(): Date;
  /** Calls once `nowMs()` has reached `atMs`, however far away, never from within this call. */
  setAlarm(atMs: number, onDue: () => void): Cancel;
  /** Calls when all that has arrived in this turn of the event loop is dealt with. */
  atTurnEnd(callback: () => void): void;
}

interface Chance {
  /** Unpredictable bytes, good for secrets. */
  randomBytes(length: number): Buffer;
}

interface Load {
  /** What this process has used since it began. */
  ownUsage(): OwnUsage;
}

export interface OwnUsage {
  /** CPU time of all its threads. */
  readonly cpuMs: number;
  /** How long its event loop had something to do. */
  readonly busyMs: number;
}
