import { expect } from '@jest/globals';
import type { Fault } from '../support/faults/faults.js';
import { ACCOUNT, fileOf, OTHER_ACCOUNT, type Given } from '../support/site.js';

/** One way in which a command can end. */
export type Ending = {
  readonly what: string;
  readonly given: Given;
  readonly args: readonly string[];
  readonly code: number;
  /** A part of the JSON document. */
  readonly json: Readonly<Record<string, unknown>>;
} & Circumstances;

type Circumstances = {
  readonly env?: Readonly<Record<string, string>>;
  /** The fault of each request, if any. */
  readonly fault?: (method: string, path: string, n: number) => Fault | undefined;
};

function ending(
  what: string,
  given: Given,
  args: readonly string[],
  code: number,
  json: Ending['json'],
  circumstances: Circumstances = {},
): Ending {
  return { what, given, args, code, json, ...circumstances };
}

const live = (...names: string[]): Given['webhooks'] =>
  names.map((name) => ({ name, url: `https://${name.toLowerCase()}.example/` }));
const wanted = (name: string): string =>
  `  - { name: ${name}, url: "https://${name.toLowerCase()}.example/" }\n`;
const failing = (code: string): Ending['json'] => ({ failures: [{ error: { code } }] });
const outcomes = (...statuses: string[]): Ending['json'] => ({
  outcomes: statuses.map((status) => ({ status })),
});
const refused = (code: string): Ending['json'] => ({ accounts: [{ guards: [{ code }] }] });
const error = (code: string): Ending['json'] => ({ error: { code, message: expect.any(String) } });
const at = (fault: Fault, from = 1, method = ''): Circumstances => ({
  fault: (of, _, n) => (n >= from && of.startsWith(method) ? fault : undefined),
});

const A = { files: fileOf(wanted('A')) };
const A_B = { files: fileOf(wanted('A') + wanted('B')) };
const SAME = { ...A, webhooks: live('A') };
const BROKEN = { files: fileOf('  - { nam: A }\n') };
const UNDECIDED = { files: fileOf(wanted('A'), ''), webhooks: live('X') };
const SECRET = { files: fileOf('  - { name: A, url: "https://a.example/", secret: { env: NOPE } }\n') };
const refusing = (...hosts: string[]): Given['emulator'] => ({
  destinationStatus: (url) => (hosts.includes(new URL(url).hostname) ? 404 : 200),
});
const INVALID = { env: { CLOUDFLARE_API_TOKEN: 'invalid-1' } };
const READ_ONLY = { env: { CLOUDFLARE_API_TOKEN: 'read-only-1' } };

const plan = ['plan', '--retries', '1'];
const detailed = ['plan', '--detailed-exitcode'];
const apply = ['apply', '--auto-approve', '--retries', '1'];
const slow = ['plan', '--timeout', '0.05', '--retries', '0'];
const remote = ['plan', '--api-url', 'http://api.example/client/v4'];

/** The exit codes in cases that users meet, on one account. */
export const ENDINGS: readonly Ending[] = [
  ending('changes', A, plan, 0, { summary: { create: 1 } }),
  ending('changes, with --detailed-exitcode', A, detailed, 2, { summary: { create: 1 } }),
  ending('no changes', SAME, detailed, 0, { summary: { unchanged: 1 } }),
  ending('an apply', A, apply, 0, outcomes('applied')),
  ending('an apply without changes', SAME, apply, 0, outcomes()),
  ending('a valid file', A, ['validate'], 0, { valid: true }),
  ending('a file with an error', BROKEN, plan, 3, error('invalid-file')),
  ending('a file with an error, applied', BROKEN, apply, 3, error('invalid-file')),
  ending('a file with an error, validated', { files: fileOf('  - { name: A }\n') }, ['validate'], 3, {
    valid: false,
    diagnostics: [{ severity: 'error', code: 'missing-field', file: 'hookwright.yaml', line: 4, column: 5 }],
    ...error('invalid-file'),
  }),
  ending('no file', {}, plan, 3, error('invalid-file')),
  ending('an unknown flag', A, [...plan, '--wat'], 3, error('usage')),
  ending('an unknown flag, with validate', A, ['validate', '--wat'], 3, {
    valid: false,
    diagnostics: [],
    ...error('usage'),
  }),
  ending('an unknown command', {}, ['plam'], 3, error('usage')),
  ending('no credentials', A, plan, 3, error('usage'), { env: { CLOUDFLARE_API_TOKEN: '' } }),
  ending('an http address of another machine', A, remote, 3, error('usage')),
  ending(
    'a file that is not a saved plan',
    { files: { p: '{}' } },
    ['apply', 'p'],
    3,
    error('invalid-plan-file'),
  ),
  ending('a guard', UNDECIDED, plan, 6, refused('unlisted-undecided')),
  ending('a guard on apply', UNDECIDED, apply, 6, refused('unlisted-undecided')),
  ending('a guard and changes', UNDECIDED, detailed, 6, refused('unlisted-undecided')),
  ending('a missing secret', SECRET, apply, 6, refused('secret-missing')),
  ending('a missing secret that plan does not need', SECRET, plan, 0, { summary: { create: 1 } }),
  ending('a wrong token', A, plan, 7, failing('access-denied'), INVALID),
  ending('a wrong token on apply', A, apply, 7, failing('access-denied'), INVALID),
  ending('a read-only token', A, apply, 7, outcomes('failed'), READ_ONLY),
  ending('a server that fails', A, plan, 1, failing('bad-answer'), at('500-before')),
  ending('HTML', A, plan, 1, failing('bad-answer'), at('502-html-before')),
  ending('text that is not JSON', A, plan, 1, failing('bad-answer'), at('garbage')),
  ending('a truncated body', A, plan, 1, failing('network'), at('cut-after')),
  ending(
    'a list that is null',
    { ...A, webhooks: live('X') },
    apply,
    1,
    failing('bad-answer'),
    at('null-result'),
  ),
  ending('success false with 200', A, plan, 1, failing('api-refused'), at('success-false-200')),
  ending('a redirect', A, apply, 1, failing('bad-answer'), at('redirect-307')),
  ending('a server that hangs', A, slow, 1, failing('timeout'), at('hang-before')),
  ending('an endless response', A, plan, 1, failing('bad-answer'), at('huge-body')),
  ending(
    'a destination that refuses',
    { ...A, emulator: refusing('a.example') },
    apply,
    1,
    outcomes('failed'),
  ),
  ending(
    'one of two destinations that refuses',
    { ...A_B, emulator: refusing('a.example') },
    apply,
    4,
    outcomes('failed', 'applied'),
  ),
  ending(
    'access lost midway',
    A_B,
    [...apply, '--parallelism', '1'],
    4,
    outcomes('applied', 'failed'),
    at('403', 3, 'POST'),
  ),
  ending('a write with an unknown result', A, apply, 4, outcomes('unknown'), at('500-after', 2)),
];

const two = (head: string): string =>
  `${fileOf(wanted('A'), head)}---\n${fileOf(wanted('B')).replace(ACCOUNT, OTHER_ACCOUNT)}`;
const BOTH = { files: two('unlisted: delete') };
const onOther: Circumstances = { fault: (_, path) => (path.includes(OTHER_ACCOUNT) ? '403' : undefined) };

/** Cases in which the two accounts have different results. */
export const SEVERAL: readonly Ending[] = [
  ending('both accounts done', BOTH, apply, 0, outcomes('applied', 'applied')),
  ending(
    'one account denied, the other done',
    BOTH,
    apply,
    4,
    { ...outcomes('applied'), ...failing('access-denied') },
    onOther,
  ),
  ending(
    'one account denied, the other without changes',
    { ...BOTH, webhooks: live('A') },
    apply,
    7,
    failing('access-denied'),
    onOther,
  ),
  ending(
    'one account refused, the other done',
    { files: two(''), webhooks: live('X') },
    apply,
    4,
    outcomes('skipped', 'applied'),
  ),
  ending(
    'one account refused and one denied',
    { files: two(''), webhooks: live('X') },
    plan,
    7,
    { ...refused('unlisted-undecided'), ...failing('access-denied') },
    onOther,
  ),
  ending('one account denied, the other with changes', BOTH, detailed, 7, failing('access-denied'), onOther),
];
