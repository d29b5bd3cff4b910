import type { Imported } from './import-entries.js';
import { clip, count, nameList, quote, wrap } from '../../text/layout.js';

export type ImportTextOptions = {
  readonly accountId: string;
  /** The file that was written. Absent: stdout. */
  readonly path?: string;
  /** Whether the file existed before. */
  readonly merged: boolean;
  /** Entries of the file that match several live webhooks. */
  readonly ambiguous: readonly string[];
  readonly width?: number;
};

const NAME_LENGTH = 60;

/** Reports an import on stderr: added entries, variables to set, and webhooks that could not be written. */
export function renderImport(imported: Imported, options: ImportTextOptions): string {
  const { entries, ignored, left } = imported;
  const { accountId, path, merged, ambiguous, width = 80 } = options;
  const added = count(entries.length, 'webhook');
  const where = path === undefined ? '' : ` ${merged ? 'to' : 'into'} ${quote(path)}`;
  const nothing = merged && ambiguous.length === 0 && entries.length + ignored.length === 0;
  const first = nothing
    ? `Nothing to add: ${quote(path ?? '')} already contains every webhook of account ${accountId}.`
    : `${merged ? 'Added' : 'Imported'} ${added} of account ${accountId}${where}.`;
  const parts = [wrap(first, width)];
  if (merged && entries.length > 0) parts.push(entries.map(({ name }) => `  + ${shown(name)}`).join('\n'));
  const variables = variableLines(imported);
  if (variables.length > 0) {
    const lead = 'Set these environment variables where "hookwright apply" runs ("plan" needs none):';
    parts.push(`${wrap(lead, width)}\n\n${variables.join('\n')}`);
  }
  const without = [
    ...ignored.map(({ id, name, reason }) => ({ id, name, reason, what: 'ignored by its ID' })),
    ...left.map(({ id, name, reason }) => ({ id, name, reason, what: 'skipped' })),
  ];
  if (without.length > 0) {
    const lines = without.map(({ id, name, reason, what }) =>
      wrap(
        `${name === undefined ? '' : `${shown(name)} `}(${clip(id, NAME_LENGTH)}) is ${what}: ${reason}.`,
        width,
        '    ',
        '  ',
      ),
    );
    parts.push(`Not written as webhooks:\n\n${lines.join('\n')}`);
  }
  if (ambiguous.length > 0) {
    const names = nameList(ambiguous, (name) => shown(name));
    parts.push(
      wrap(
        `Not matched: several live webhooks match ${names} in the file. Add an "id" to each entry; "hookwright plan" lists the candidates.`,
        width,
      ),
    );
  }
  return `${parts.join('\n\n')}\n`;
}

function variableLines({ entries }: Imported): readonly string[] {
  const rows = entries.flatMap(({ name, url, secret }) => [
    ...(url.kind === 'env' ? [{ variable: url.env, what: 'the whole URL of', name }] : []),
    ...(secret === undefined ? [] : [{ variable: secret, what: 'the secret of', name }]),
  ]);
  const widest = Math.max(0, ...rows.map(({ variable }) => variable.length));
  return rows.map(({ variable, what, name }) => `  ${variable.padEnd(widest)}  ${what} ${shown(name)}`);
}

function shown(name: string): string {
  return `"${clip(name, NAME_LENGTH)}"`;
}
