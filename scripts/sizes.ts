import { readFileSync } from 'node:fs';

interface Size {
  readonly where: string;
  readonly lines: number;
}

/** In formatted code a function begins so, and ends with a brace at the same indentation. */
const FUNCTION = /^( *)(?:export )?(?:async )?function\b/;
const METHOD =
  /^( {2})(?:(?:static|async|override|protected|get|set) )*(?!if|for|while|switch)[#\w]+[<(]/;

/** Medians and maxima of files, tests included, and of functions in `sources`, in one line. */
export function renderSizes(sources: readonly string[], tests: readonly string[]): string {
  const files = [...sources, ...tests].map((file) => ({
    where: file,
    lines: linesOf(file).length,
  }));
  const functions = sources.flatMap(functionSizes);
  return `lines: files ${render(files)}; functions ${render(functions)}`;
}

function render(sizes: readonly Size[]): string {
  const sorted = [...sizes].sort((one, other) => one.lines - other.lines);
  const [median, ninth] = [0.5, 0.9].map((part) => sorted[Math.floor(sorted.length * part)]);
  const largest = sorted.at(-1);
  if (median === undefined || ninth === undefined || largest === undefined) return 'none';
  const most = `${largest.lines} (${largest.where})`;
  return `median ${median.lines}, nine in ten ${ninth.lines}, most ${most}`;
}

function functionSizes(file: string): Size[] {
  const lines = linesOf(file);
  return lines.flatMap((line, index) => {
    const indent = (FUNCTION.exec(line) ?? METHOD.exec(line))?.[1];
    if (indent === undefined) return [];
    const end = lines.findIndex((other, at) => at >= index && isEnd(other, indent));
    // A signature without a body ends in a semicolon: that of an interface.
    if (!lines[end]?.endsWith('}')) return [];
    return [{ where: `${file}:${index + 1}`, lines: end - index + 1 }];
  });
}

function isEnd(line: string, indent: string): boolean {
  if (line === `${indent}}` || line === `${indent}},`) return true;
  const isAtIndent = line.startsWith(indent) && line[indent.length] !== ' ';
  return isAtIndent && (line.endsWith(';') || line.endsWith('{}'));
}

function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8').trimEnd().split('\n');
}
