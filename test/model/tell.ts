import { usedBy, type State } from './forms.js';
import type { Exchange } from './gate.js';
import { LAWS, type Violation } from './laws.js';
import type { Played, Run } from './play.js';
import { fileText } from './revisions.js';
import type { Script } from './script.js';

/** Describes a script and its run for people, up to the last violation. */
export function tell(script: Script, played: Played, violations: readonly Violation[]): string {
  const lines: string[] = [];
  const laws = [...new Set(violations.map(({ law }) => law))];
  for (const law of laws) lines.push(`## ${law}: ${LAWS[law]}`);
  for (const { law, where, what } of violations) lines.push(`- ${law}, ${where}: ${what}`);
  lines.push('', `world: ${JSON.stringify(script.world)}`);
  const [first] = played.scenes;
  if (first) lines.push(...stateLines(first.before, played));
  const last = Math.max(...violations.map(({ scene }) => scene));
  for (const [n, { what, runs, checks, after }] of played.scenes.slice(0, last + 1).entries()) {
    lines.push('', `# scene ${n + 1}: ${what}`);
    for (const run of runs) lines.push(...runLines(run, played));
    const steps = runs.flatMap(({ exchanges }) => exchanges).sort((a, b) => a.order - b.order);
    lines.push(...steps.map((exchange) => exchangeLine(exchange, runs.length > 1)));
    for (const run of runs) lines.push(...endLines(run));
    for (const check of checks) {
      const rest =
        check.document?.accounts.flatMap(({ actions }) =>
          actions.map(({ kind, name }) => `${kind} "${name}"`),
        ) ?? [];
      lines.push(`  then a plan of ${check.name}: exit ${check.code ?? '?'} ${rest.join(', ')}`);
    }
    lines.push(...stateLines(after, played));
  }
  return lines.join('\n');
}

function stateLines({ webhooks, policies }: State, { createdAt }: Played): string[] {
  const name = (id: string): string => id.slice(0, 8);
  return [
    ...webhooks.map(
      (each) =>
        `    ${name(each.id)} ${JSON.stringify(each.name)} ${each.url} secret=${each.secret ?? '-'} ${createdAt(each.id)}`,
    ),
    ...policies.map((policy) => {
      const others = Object.entries(policy.mechanisms).filter(([kind]) => kind !== 'webhooks');
      return `    policy ${JSON.stringify(policy.name)}: ${usedBy(policy).map(name).join(' ')} ${others.map(([kind]) => kind).join(' ')}`;
    }),
  ];
}

function runLines({ name, args, file, previous }: Run, { scenes }: Played): string[] {
  const shown = args.filter((arg) => !arg.startsWith('json=') && !arg.endsWith('.yaml'));
  const isFirst = scenes[0]?.runs[0]?.name === name;
  return [
    `  ${name}: hookwright ${shown.map((arg) => JSON.stringify(arg)).join(' ')}`,
    `    file ${JSON.stringify(JSON.parse(fileText(file)))}`,
    ...(previous && (isFirst || previous !== file)
      ? [`    previous ${JSON.stringify(JSON.parse(fileText(previous)))}`]
      : []),
  ];
}

function exchangeLine(
  { run, n, method, resource, id, body, fault, status, effect }: Exchange,
  named: boolean,
): string {
  const what = body && resource === 'webhooks' ? ` ${JSON.stringify(body)}` : '';
  const uses = body && resource === 'policies' ? ` ${JSON.stringify(body['mechanisms'])}` : '';
  const answer = `${status ?? 'no answer'}${fault ? ` (${fault})` : ''}${effect ? ' *' : ''}`;
  return `  ${named ? `${run} ` : ''}${n}. ${method} ${resource} ${id?.slice(0, 8) ?? ''}${what}${uses} → ${answer}`;
}

function endLines({ name, code, died, interrupted, stdout, stderr, document }: Run): string[] {
  const ends = died ? 'died' : `exit ${code ?? '?'}${interrupted ? ' (interrupted)' : ''}`;
  const last = stdout.trimEnd().split('\n').slice(-3).join('\n      ');
  const errors =
    stderr.trim() === '' ? [] : [`      stderr: ${stderr.trim().split('\n').slice(0, 6).join('\n      ')}`];
  const actions = document?.accounts.flatMap((account) => account.actions) ?? [];
  const planned = actions.map(
    ({ kind, name: of, id, reason }) => `${kind} "${of}" ${id?.slice(0, 8) ?? ''} ${reason}`,
  );
  return [`  ${name} planned: ${planned.join('; ')}`, `  ${name} ${ends}:`, `      ${last}`, ...errors];
}
