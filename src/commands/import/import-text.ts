import type { ImportReport } from './import-documents.js';
import { accountText, CHECK_ACCOUNT } from '../../render/wording.js';
import { clip, count, nameList, quote, wrap } from '../../text/layout.js';
import { forTerminal } from '../../text/untrusted.js';

export type ImportTextOptions = {
  /** The file that was written. Absent: stdout. */
  readonly path: string | undefined;
  /** Whether stdout is a terminal, so that what was printed there is not in a file. */
  readonly isTerminal: boolean;
  readonly update: boolean;
  /** Whether only some webhooks were requested. */
  readonly isPart: boolean;
  readonly width: number;
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
  const { path = '', isPart, width } = options;
  const which = isPart ? 'every selected webhook' : 'every webhook';
  const of = accounts.length > 3 ? count(accounts.length, 'account') : accountList(accounts);
  return wrap(`Nothing to add: ${quote(path)} already covers ${which} of ${of}.`, width);
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
  const { path, isTerminal, update, width } = options;
  const { imported, accounts, merged, ambiguous, updated, differing, skippedRoutes } = report;
  const { entries, ignored, left, routes } = imported;
  const where = path === undefined ? '' : ` ${merged ? 'to' : 'into'} ${quote(path)}`;
  const policies = routes.length === 0 ? '' : ` and ${count(routes.length, 'policy', 'policies')}`;
  const what = count(entries.length, 'webhook') + policies;
  const nothing = merged && ambiguous.length + entries.length + ignored.length + routes.length === 0;
  const verb = merged ? 'Added' : 'Imported';
  const printed =
    path === undefined && isTerminal
      ? ' They were only printed. To write a file, pass: -f hookwright.yaml'
      : '';
  const isNone = entries.length + ignored.length + left.length === 0;
  const unexpected = !merged && isNone ? ` ${CHECK_ACCOUNT}` : '';
  const first = `${verb} ${what} of ${accountList(accounts)}${where}.${unexpected}${printed}`;
  const added = [
    ...(merged ? entries.map(({ name }) => `  + ${shown(name)}`) : []),
    ...(merged ? routes.map(({ name }) => `  + policy ${shown(name)}`) : []),
  ].join('\n');
  const differ = 'These entries differ from the live state. To update them, pass --update:';
  const variables = 'Set these environment variables where "hookwright apply" runs ("plan" needs none):';
  const notWritten = [
    ...ignored.map(({ id, name, reason }) => `${named(name, id)} is ignored by its ID: ${reason}`),
    ...left.map(({ id, name, reason }) => `${named(name, id)} is skipped: ${reason}`),
  ];
  const notRouted = skippedRoutes.map(({ id, name, reason }) => `policy ${named(name, id)}: ${reason}`);
  const unmatched = `Not matched: several live webhooks match ${nameList(ambiguous, shown)} in the file. Add an "id" to each entry; "hookwright plan" lists the candidates.`;
  const sentences = (lines: readonly string[]): readonly string[] =>
    lines.map((line) => wrap(`${forTerminal(line)}.`, width, '    ', '  '));
  const parts = [
    nothing ? nothingToAdd(accounts, options) : wrap(first, width),
    added,
    section('Updated to the live state:', sentences(updated)),
    section(update ? 'Not updated:' : differ, sentences(differing)),
    section(wrap(variables, width), variableLines(imported)),
    section('Not written as webhooks:', sentences(notWritten)),
    section('Not written under "policies":', sentences(notRouted)),
    ambiguous.length > 0 ? wrap(unmatched, width) : '',
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function section(lead: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${lead}\n\n${lines.join('\n')}`;
}

function named(name: string | undefined, id: string | undefined): string {
  return [
    ...(name === undefined ? [] : [shown(name)]),
    ...(id === undefined ? [] : [`(${clip(id, NAME_LENGTH)})`]),
  ].join(' ');
}

function variableLines({ entries }: ImportReport['imported']): readonly string[] {
  const rows = entries.flatMap(({ name, url, secret }) => [
    ...(typeof url === 'object' ? [{ variable: url.env, what: 'the whole URL of', name }] : []),
    ...(secret ? [{ variable: secret.env, what: 'the secret of', name }] : []),
  ]);
  const widest = Math.max(0, ...rows.map(({ variable }) => variable.length));
  return rows.map(({ variable, what, name }) => `  ${variable.padEnd(widest)}  ${what} ${shown(name)}`);
}

function shown(name: string): string {
  return quote(clip(name, NAME_LENGTH));
}
