import { readFileSync } from 'node:fs';
import { FIGURES } from '../src/bench/figures.ts';
import { COMMANDS } from '../src/cli/commands.ts';
import { EXITS } from '../src/cli/exit-codes.ts';
import type { OptionDeclaration, OptionTable } from '../src/cli/option-table.ts';

/** Where a table stands in the README: between these two lines, the first with its name. */
const TABLE = /(<!-- table: ([a-z ]+) -->\n)[\s\S]*?(<!-- end -->)/g;

/** The README with each of its tables as the code says it. */
export async function renderReadme(): Promise<string> {
  const tables = await renderTables();
  const readme = readFileSync('README.md', 'utf8');
  return readme.replaceAll(TABLE, (_all, start: string, name: string, end: string) => {
    const table = tables.get(name);
    if (table === undefined) throw new Error(`README.md: no table is called "${name}"`);
    tables.delete(name);
    return `${start}\n${table}\n\n${end}`;
  });
}

/** The names of tables that the README leaves out. */
export async function missingTables(): Promise<string[]> {
  const readme = readFileSync('README.md', 'utf8');
  const names = [...(await renderTables()).keys()];
  return names.filter((name) => !readme.includes(`<!-- table: ${name} -->`));
}

async function renderTables(): Promise<Map<string, string>> {
  const tables = new Map([
    ['exit codes', exitCodes()],
    ['bench figures', benchFigures()],
  ]);
  for (const [name, { load }] of COMMANDS) {
    const { options } = await load();
    const rows = visible(options);
    const limits = rows.filter(([, { group }]) => group === 'Limits');
    tables.set(`${name} options`, optionTable(rows.filter((row) => !limits.includes(row))));
    if (limits.length > 0) tables.set(`${name} limits`, optionTable(limits));
  }
  return tables;
}

function visible(options: OptionTable): [string, OptionDeclaration][] {
  return Object.entries(options).filter(([, { hidden }]) => hidden !== true);
}

function optionTable(rows: readonly [string, OptionDeclaration][]): string {
  const lines = rows.map(([name, declaration]) => {
    const short = declaration.alias === undefined ? '' : `\`-${declaration.alias}\` `;
    const value = declaration.type === 'string' ? ` ${declaration.value}` : '';
    return `| ${short}\`--${name}${value}\` | ${describe(declaration)} |`;
  });
  return ['| option | meaning |', '|---|---|', ...lines].join('\n');
}

function describe(declaration: OptionDeclaration): string {
  const text = inCell(declaration.describe);
  if (declaration.type !== 'string') return text;
  const { array, choices, defaultDescription, default: value } = declaration;
  const more = [
    ...(choices === undefined ? [] : [`one of ${choices.join(', ')}`]),
    ...(array === undefined || text.includes('repeated') ? [] : ['may be repeated']),
    ...(defaultDescription === undefined && value === undefined
      ? []
      : [`default: ${defaultDescription ?? value}`]),
  ];
  return more.length === 0 ? text : `${text} (${inCell(more.join('; '))})`;
}

function exitCodes(): string {
  const lines = Object.values(EXITS).map(({ code, when }) => `| ${code} | ${inCell(when)} |`);
  return ['| exit code | when |', '|---|---|', ...lines].join('\n');
}

function benchFigures(): string {
  const lines = Object.entries(FIGURES).map(
    ([name, { tells }]) => `| \`${name}\` | ${inCell(tells)} |`,
  );
  return ['| figure | what it tells |', '|---|---|', ...lines].join('\n');
}

function inCell(text: string): string {
  return text.replaceAll('|', '\\|');
}
