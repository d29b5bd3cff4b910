import { looksRandom } from '../../text/looks-random.js';
import { templateIn } from '../../text/templates.js';
import { isAllowedFile } from '../disk.js';
import { type Draft, placeIn } from '../draft.js';
import type { LoadContext } from '../load-options.js';
import { error, type Place, type Problem, warning } from '../problem.js';
import { checkSecretValue } from '../secrets/read-secret.js';
import { showableEnv } from '../yaml/excerpt.js';

/** Checks references to secrets and URLs. Their values are only compared with known credentials. */
export async function checkSecrets(draft: Draft, rules: LoadContext): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  const byFile = new Map<string, boolean>();
  for (const webhook of draft.webhooks) {
    const { secret } = webhook;
    if (secret?.kind === 'literal')
      problems.push(literalProblem(secret.value, placeIn(webhook, 'secret'), rules));
    for (const field of ['url', 'secret'] as const) {
      const reference = webhook[field];
      if (reference?.kind === 'env')
        checkVariable(reference.env, placeIn(webhook, field, 'env'), rules, problems);
      if (reference?.kind !== 'file') continue;
      const { file, path } = reference;
      const place = placeIn(webhook, field, 'file');
      if (templateIn(file)) {
        const hint = 'Placeholders are not expanded. Write the path, or write { env: NAME }.';
        problems.push(error(place, 'placeholder', 'file: contains a placeholder', hint));
      }
      if (rules.deployed) continue;
      const { folder } = webhook.part;
      const key = JSON.stringify([folder, path]);
      const roots = { checkouts: [folder], trusted: rules.trusted };
      const isAllowed = byFile.get(key) ?? (await isAllowedFile(path, roots, rules.files));
      byFile.set(key, isAllowed);
      if (!isAllowed) {
        const hint =
          'A secret file must be in the directory of this YAML file (where no part of its path starts with a dot), in /run/secrets or in a --secret-dir directory. Links must not lead outside.';
        problems.push(error(place, 'secret-file-outside', 'file: outside the allowed directories', hint));
      }
    }
  }
  return problems;
}

function checkVariable(env: string, place: Place, rules: LoadContext, problems: Problem[]): void {
  const refusal = rules.deployed ? undefined : rules.variables.refusalOf(env);
  if (refusal?.why === 'not-allowed') {
    const shown = showableEnv(env) ? env : 'the name';
    const { envAllow = [] } = rules;
    const hint = envAllow.length > 0 ? `Allowed: ${envAllow.join(', ')}.` : 'No variable is allowed.';
    problems.push(error(place, 'env-not-allowed', `env: ${shown} ${refusal.text}`, hint));
  } else if (refusal) {
    const message = `env: ${env} ${refusal.text}`;
    const hint = 'Its value would be sent to the webhook. Use a separate variable for each webhook secret.';
    problems.push(error(place, 'credential-env', message, hint));
  }
  if (looksRandom(env)) {
    const hint =
      'Write the name of the variable, never its value. If a token was committed, revoke it and create a new one.';
    problems.push(warning(place, 'env-random', 'env: this looks like a token, not a variable name', hint));
  }
}

function literalProblem(value: unknown, place: Place, rules: LoadContext): Problem {
  if (value === '') {
    const hint = 'Write secret: { env: NAME }, or secret: none if there is no secret.';
    return error(place, 'empty', 'secret: must not be empty', hint);
  }
  if (value === false) {
    const hint = 'To say that there is no secret, write secret: none.';
    return error(place, 'wrong-type', 'secret: must be a reference or none, not the boolean false', hint);
  }
  if (rules.allowLiteralSecrets && typeof value !== 'string') {
    return error(place, 'wrong-type', 'secret: must be a string, not a number or boolean', 'Quote it.');
  }
  const make = rules.allowLiteralSecrets ? warning : error;
  if (typeof value === 'string' && checkSecretValue(value) !== undefined)
    return error(place, 'literal-secret', 'secret: not a reference', referenceHint(value));
  const hint =
    'Use secret: { env: NAME } or { file: PATH }. Anyone who can read this file can use the secret; if it was committed, replace it.';
  return make(place, 'literal-secret', 'secret: a literal secret', hint);
}

/** Returns a hint on how to write a reference that was written as a string. */
function referenceHint(text: string): string {
  const variable = templateIn(text)?.variable;
  if (variable !== undefined && showableEnv(variable))
    return `Placeholders are not expanded. Write secret: { env: ${variable} }, and set ${variable} where hookwright runs.`;
  const file = text.startsWith('file:') ? ' or { file: PATH }' : '';
  return `Write secret: { env: NAME }${file}, and set the variable where hookwright runs. For secret managers, see docs/secrets.md.`;
}
