import schema from '../../../schemas/hookwright.schema.json' with { type: 'json' };
import { looksRandom } from '../../text/looks-random.js';
import { templateIn } from '../../text/templates.js';
import { type Draft, placeIn } from '../draft.js';
import type { LoadContext } from '../load-options.js';
import { error, type Place, type Problem, warning } from '../problem.js';
import { checkSecretValue } from '../secrets/read-secret.js';
import { showableEnv } from '../yaml/excerpt.js';

/** Checks references to secrets and URLs. Their values are only compared with known credentials. */
export async function checkSecrets(draft: Draft, rules: LoadContext): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const webhook of draft.webhooks) {
    const { secret } = webhook;
    if (secret?.kind === 'literal')
      problems.push(literalProblem(secret.value, placeIn(webhook, 'secret'), rules));
    for (const field of ['url', 'secret'] as const) {
      const reference = webhook[field];
      if (reference && 'version' in reference && templateIn(reference.version ?? '') && !rules.deployed) {
        const hint = 'Placeholders are not expanded, so this version would never change. Fill it in.';
        const place = placeIn(webhook, field, 'version');
        problems.push(error(place, 'placeholder', 'version: contains a placeholder', hint));
      }
      if (reference?.kind === 'env')
        checkVariable(reference.env, placeIn(webhook, field, 'env'), rules, problems);
      if (reference?.kind !== 'file') continue;
      const { file, path } = reference;
      const place = placeIn(webhook, field, 'file');
      if (templateIn(file)) {
        const hint = 'Placeholders are not expanded. Write the path, or write { env: NAME }.';
        problems.push(error(place, 'placeholder', 'file: contains a placeholder', hint));
      }
      if (/^~[^/]*(?:\/|$)/.test(file)) {
        const hint =
          'Write the path. A relative path starts at the directory of this YAML file; other directories need --secret-dir.';
        problems.push(error(place, 'placeholder', 'file: ~ is not expanded', hint));
      }
      if (rules.deployed) continue;
      if (!(await rules.allowsSecretFile(path, [webhook.part.folder]))) {
        const hint =
          'A secret file must be in the directory of this YAML file (where no part of its path starts with a dot), in /run/secrets or in a --secret-dir directory. Links must not lead outside.';
        problems.push(error(place, 'secret-file-outside', 'file: outside the allowed directories', hint));
      }
    }
  }
  return problems;
}

const VARIABLE = new RegExp(schema.definitions.reference.properties.env.pattern);

function checkVariable(env: string, place: Place, rules: LoadContext, problems: Problem[]): void {
  // The schema check reports it.
  if (!VARIABLE.test(env)) return;
  const refusal = rules.deployed ? undefined : rules.variables.refusalOf(env);
  if (refusal?.why === 'credential') {
    const message = `env: ${env} ${refusal.text}`;
    const hint = 'Its value would be sent to the webhook. Use a separate variable for each webhook secret.';
    problems.push(error(place, 'credential-env', message, hint));
  } else if (looksRandom(env)) {
    const make = refusal ? error : warning;
    const hint =
      'Write the name of the variable, never its value. If a token was committed, revoke it and create a new one.';
    problems.push(make(place, 'env-random', 'env: this looks like a token, not a variable name', hint));
  } else if (refusal) {
    const message = `env: ${showableEnv(env) ? env : 'the name'} ${refusal.text}`;
    problems.push(error(place, 'env-not-allowed', message, allowHint(env, rules.envAllow)));
  }
}

/** The flag overrides the variable, so the hint repeats what is allowed now. */
function allowHint(env: string, envAllow: readonly string[] = []): string {
  const allowed = envAllow.filter((pattern) => pattern !== '');
  const now = allowed.length > 0 ? `Allowed: ${allowed.join(', ')}.` : 'No variable is allowed.';
  if (!showableEnv(env))
    return `${now} The name is not shown because it could be a secret. Use a name in capitals, such as OPS_SECRET.`;
  const flags = [...allowed.map((pattern) => `'${pattern}'`), env].map((each) => `--env-allow ${each}`);
  return `${now} Add the line ${env} to HOOKWRIGHT_ENV_ALLOW, or pass: ${flags.join(' ')}`;
}

function literalProblem(value: unknown, place: Place, rules: LoadContext): Problem {
  if (value === '') {
    const hint = 'Write secret: { env: NAME }, or secret: none if there is no secret.';
    return error(place, 'empty', 'secret: must not be empty', hint);
  }
  if (typeof value === 'boolean') {
    const hint = 'Write secret: { env: NAME }, or secret: none if there is no secret.';
    const message = `secret: must be a reference or none, not the boolean ${String(value)}`;
    return error(place, 'wrong-type', message, hint);
  }
  if (rules.allowLiteralSecrets && typeof value !== 'string') {
    return error(place, 'wrong-type', 'secret: must be a string, not a number or boolean', 'Quote it.');
  }
  const make = rules.allowLiteralSecrets ? warning : error;
  if (typeof value === 'string' && (REFERENCE.test(value) || checkSecretValue(value) !== undefined))
    return error(place, 'literal-secret', 'secret: not a reference', referenceHint(value));
  const hint =
    'Use secret: { env: NAME } or { file: PATH }. Anyone who can read this file can use the secret; if it was committed, replace it.';
  return make(place, 'literal-secret', 'secret: a literal secret', hint);
}

/** A reference without its braces: `env OPS_SECRET`, `env:OPS_SECRET`, `file: secrets/ops`. */
const REFERENCE = /^(env|file)\s*[:=\s]\s*(\S+)$/i;

/** Returns a hint on how to write a reference that was written as a string. */
function referenceHint(text: string): string {
  if (text.toLowerCase() === 'none')
    return 'Did you mean none? Write secret: none, in lower case, if there is no secret.';
  const [, kind, name = ''] = REFERENCE.exec(text) ?? [];
  if (kind !== undefined)
    return kind.toLowerCase() === 'env'
      ? `Write secret: { env: ${showableEnv(name) ? name : 'NAME'} }.`
      : 'Write secret: { file: PATH }.';
  const variable = templateIn(text)?.variable;
  if (variable !== undefined && showableEnv(variable))
    return `Placeholders are not expanded. Write secret: { env: ${variable} }, and set ${variable} where hookwright runs.`;
  return `Write secret: { env: NAME }, and set the variable where hookwright runs. For secret managers, see docs/secrets.md.`;
}
