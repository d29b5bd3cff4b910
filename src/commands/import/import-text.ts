import type { ImportReport } from './import-documents.js';
import { accountText } from '../../render/wording.js';
import { clip, count, nameList, quote, wrap } from '../../text/layout.js';
import { forTerminal } from '../../text/untrusted.js';

export type ImportTextOptions = {
  /** The file that was written. Absent: stdout. */
  readonly path: string | undefined;
  readonly update: boolean;
  /** Whether only some webhooks were requested. */
  readonly isPart: boolean;
  readonly width?: number;
};

const NAME_LENGTH = 60;

/** Reports whether anything is left to do that the file does not show. */
export function isIncomplete({ imported, ambiguous, differing, skippedRoutes }: ImportReport): boolean {
  return imported.left.length + ambiguous.length + differing.length + skippedRoutes.length > 0;
}

/** Reports an import on stderr, by document. Documents without changes are only counted. */
export function renderImports(reports: readonly ImportReport[], options: ImportTextOptions): string {
  const [same, others] = [reports.filter(isUnchanged), reports.filter((report) => !isUnchanged(report))];
  const accounts = same.flatMap((report) => report.accounts);
  const parts = others.map((report) => renderImport(report, options));
  return [...parts, ...(same.length === 0 ? [] : [`${nothingToAdd(accounts, options)}\n`])].join('\n');
}

function nothingToAdd(accounts: ImportReport['accounts'], options: ImportTextOptions): string {
  const { path = '', isPart, width = 80 } = options;
  const which = isPart ? 'every selected webhook' : 'every webhook';
  const of = accounts.length > 3 ? count(accounts.length, 'account') : accountList(accounts);
  return wrap(`Nothing to add: ${quote(path)} already contains ${which} of ${of}.`, width);
}

function accountList(accounts: ImportReport['accounts']): string {
  const names = nameList(accounts, (account) => accountText(account, forTerminal));
  return `${accounts.length === 1 ? 'account' : 'accounts'} ${names}`;
}

/** Reports whether the document already contained everything that was requested. */
function isUnchanged(report: ImportReport): boolean {
  const { imported, merged, updated } = report;
  const { entries, ignored, routes } = imported;
  const changes = [entries, ignored, routes, updated].flat();
  return merged && changes.length === 0 && !isIncomplete(report);
}

/** Reports changed entries, variables to set, and what could not be written. */
function renderImport(report: ImportReport, options: ImportTextOptions): string {
  const { path, update, width = 80 } = options;
  const { imported, accounts, merged, ambiguous, updated, differing, skippedRoutes } = report;
  const { entries, ignored, left, routes } = imported;
  const where = path === undefined ? '' : ` ${merged ? 'to' : 'into'} ${quote(path)}`;
  const policies = routes.length === 0 ? '' : ` and ${count(routes.length, 'policy', 'policies')}`;
  const what = count(entries.length, 'webhook') + policies;
  const nothing = merged && ambiguous.length + entries.length + ignored.length + routes.length === 0;
  const verb = merged ? 'Added' : 'Imported';
  const first = `${verb} ${what} of ${accountList(accounts)}${where}.`;
  const parts = [nothing ? nothingToAdd(accounts, options) : wrap(first, width)];
  const added = [
    ...(merged ? entries.map(({ name }) => `  + ${shown(name)}`) : []),
    ...(merged ? routes.map(({ name }) => `  + policy ${shown(name)}`) : []),
  ];
  if (added.length > 0) parts.push(added.join('\n'));
  if (updated.length > 0) parts.push(`Updated to the live state:\n\n${sentences(updated, width)}`);
  if (differing.length > 0) {
    const lead = update
      ? 'Not updated:'
      : 'These entries differ from the live state. To update them, pass --update:';
    parts.push(`${lead}\n\n${sentences(differing, width)}`);
  }
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
    const lines = without.map(({ id, name, reason, what }) => `${named(name, id)} is ${what}: ${reason}`);
    parts.push(`Not written as webhooks:\n\n${sentences(lines, width)}`);
  }
  if (skippedRoutes.length > 0) {
    const lines = skippedRoutes.map(({ id, name, reason }) => `policy ${named(name, id)}: ${reason}`);
    parts.push(`Not written under "policies":\n\n${sentences(lines, width)}`);
  }
  if (ambiguous.length > 0) {
    const list = nameList(ambiguous, (name) => shown(name));
    parts.push(
      wrap(
        `Not matched: several live webhooks match ${list} in the file. Add an "id" to each entry; "hookwright plan" lists the candidates.`,
        width,
      ),
    );
  }
  return `${parts.join('\n\n')}\n`;
}

function sentences(lines: readonly string[], width: number): string {
  return lines.map((line) => wrap(`${forTerminal(line)}.`, width, '    ', '  ')).join('\n');
}

function named(name: string | undefined, id: string | undefined): string {
  return [
    ...(name === undefined ? [] : [shown(name)]),
    ...(id === undefined ? [] : [`(${clip(id, NAME_LENGTH)})`]),
  ].join(' ');
}

function variableLines({ entries }: ImportReport['imported']): readonly string[] {
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
