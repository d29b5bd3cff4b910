import { resolve } from 'node:path';
import { matchesPattern } from '../../core/selection.js';
import { looksRandom } from '../../core/urls.js';
import type { Files } from '../disk.js';
import { type Draft, type DraftWebhook, inWebhook } from '../draft.js';
import { error, type Place, type Problem, warning } from '../problem.js';
import { templateIn } from '../../text/templates.js';
import { checkSecretValue } from '../secrets/unusable-values.js';
import { isAllowedFile } from '../secrets/read-secret.js';
import { showableEnv } from '../yaml/excerpt.js';

/** What a reference to a secret may name. */
export type SecretRules = {
  readonly allowLiteralSecrets: boolean;
  /** Patterns; if there are any, only matching variables may be named. */
  readonly envAllow: readonly string[];
  /** From `--secret-dir`, absolute. */
  readonly allowed: readonly string[];
  readonly files: Files;
};

/** The references to secrets: do they stand for what a webhook may be given? No value is read. */
export async function checkSecrets(draft: Draft, rules: SecretRules): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  const byFile = new Map<string, Promise<boolean>>();
  for (const webhook of draft.webhooks) {
    const { secret } = webhook;
    if (secret?.kind === 'literal')
      problems.push(literalProblem(secret.value, inWebhook(webhook, 'secret'), rules));
    for (const field of ['url', 'secret'] as const) {
      const reference = webhook[field];
      if (reference?.kind === 'env')
        checkVariable(reference.env, inWebhook(webhook, field, 'env'), rules, problems);
      if (reference?.kind !== 'file') continue;
      const { file } = reference;
      if (templateIn(file)) problems.push(placeholderProblem(inWebhook(webhook, field, 'file')));
      const path = resolve(webhook.part.folder, file);
      const isAllowed = byFile.get(path) ?? mayRead(file, path, webhook, rules);
      byFile.set(path, isAllowed);
      if (!(await isAllowed)) problems.push(fileProblem(inWebhook(webhook, field, 'file')));
    }
  }
  return problems;
}

async function mayRead(
  file: string,
  path: string,
  { part: { folder: base } }: DraftWebhook,
  { allowed, files }: SecretRules,
): Promise<boolean> {
  return !file.includes('\0') && isAllowedFile(path, { base, allowed }, files);
}

function checkVariable(env: string, place: Place, rules: SecretRules, problems: Problem[]): void {
  if (CREDENTIAL_NAMES.has(env)) {
    const message = `env: ${env} is a credential of hookwright or of a CI system`;
    const hint = 'Its value would be sent to the webhook. Use a separate variable for each webhook secret.';
    problems.push(error(place, 'credential-env', message, hint));
  } else if (rules.envAllow.length > 0 && !rules.envAllow.some((pattern) => matchesPattern(pattern, env))) {
    const shown = showableEnv(env) ? `${env} ` : 'the name ';
    const hint = `Allowed are: ${rules.envAllow.join(', ')}.`;
    problems.push(error(place, 'env-not-allowed', `env: ${shown}is not allowed by --env-allow`, hint));
  }
  if (looksRandom(env)) {
    const hint =
      'Write the name of the variable, never its value. If a token was committed, revoke it and create a new one.';
    problems.push(warning(place, 'env-random', 'env: this looks like a token, not a variable name', hint));
  }
}

function placeholderProblem(place: Place): Problem {
  const hint = 'Placeholders are not expanded. Write the path, or write { env: NAME }.';
  return error(place, 'placeholder', 'file: contains a placeholder', hint);
}

function literalProblem(value: unknown, place: Place, rules: SecretRules): Problem {
  if (value === '') {
    const hint = 'Write secret: { env: NAME }, or secret: none if there is no secret.';
    return error(place, 'empty', 'secret: must not be empty', hint);
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

/** How to write a reference that was written as a string. */
function referenceHint(text: string): string {
  const variable = templateIn(text)?.variable;
  if (variable !== undefined && showableEnv(variable))
    return `Placeholders are not expanded. Write secret: { env: ${variable} }, and set ${variable} where hookwright runs.`;
  const file = text.startsWith('file:') ? ' or { file: PATH }' : '';
  return `Write secret: { env: NAME }${file}, and set the variable where hookwright runs. For secret managers, see docs/secrets.md.`;
}

function fileProblem(place: Place): Problem {
  const hint =
    'A secret file must be in the directory of this YAML file, in /run/secrets or in a --secret-dir directory. Links must not lead outside.';
  return error(place, 'secret-file-outside', 'file: outside the allowed directories', hint);
}

/**
 * Variables that hold the credentials of this tool or of CI systems. A desired-state file that names one of
 * these would send it to whatever url stands beside it.
 */
export const CREDENTIAL_NAMES: ReadonlySet<string> = new Set([
  'CLOUDFLARE_API_TOKEN',
  'CLOUDFLARE_API_KEY',
  'CLOUDFLARE_API_USER_SERVICE_KEY',
  'CLOUDFLARE_EMAIL',
  'CF_API_TOKEN',
  'CF_API_KEY',
  // GitHub Actions and gh
  'GITHUB_TOKEN',
  'GH_TOKEN',
  'GH_ENTERPRISE_TOKEN',
  'GITHUB_ENTERPRISE_TOKEN',
  'GITHUB_PAT',
  'ACTIONS_RUNTIME_TOKEN',
  'ACTIONS_CACHE_TOKEN',
  'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
  'ACTIONS_ID_TOKEN_REQUEST_URL',
  // GitLab CI
  'GITLAB_TOKEN',
  'GITLAB_PRIVATE_TOKEN',
  'CI_JOB_TOKEN',
  'CI_JOB_JWT',
  'CI_JOB_JWT_V1',
  'CI_JOB_JWT_V2',
  'CI_BUILD_TOKEN',
  'CI_DEPLOY_PASSWORD',
  'CI_REGISTRY_PASSWORD',
  'CI_DEPENDENCY_PROXY_PASSWORD',
  'CI_RUNNER_SHORT_TOKEN',
  'CI_REPOSITORY_URL',
  // Other CI systems
  'SYSTEM_ACCESSTOKEN',
  'AZURE_DEVOPS_EXT_PAT',
  'BITBUCKET_TOKEN',
  'BITBUCKET_ACCESS_TOKEN',
  'BITBUCKET_APP_PASSWORD',
  'BITBUCKET_STEP_OIDC_TOKEN',
  'CIRCLE_TOKEN',
  'CIRCLE_OIDC_TOKEN',
  'CIRCLE_OIDC_TOKEN_V2',
  'CIRCLE_INTERNAL_TASK_DATA',
  'BUILDKITE_AGENT_ACCESS_TOKEN',
  'BUILDKITE_AGENT_TOKEN',
  'DRONE_TOKEN',
  'DRONE_NETRC_PASSWORD',
  'CI_NETRC_PASSWORD',
  'TRAVIS_API_TOKEN',
  'JENKINS_API_TOKEN',
  'JENKINS_PASSWORD',
  'TEAMCITY_TOKEN',
  'ARGOCD_AUTH_TOKEN',
  'ARGOCD_PASSWORD',
  'GIT_ASKPASS',
  'GITEA_TOKEN',
  'RENOVATE_TOKEN',
  'GPG_PRIVATE_KEY',
  'SSH_PRIVATE_KEY',
  'SSH_AUTH_SOCK',
  // Clouds and clusters
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_SECURITY_TOKEN',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN',
  'AZURE_CLIENT_SECRET',
  'AZURE_CLIENT_CERTIFICATE_PASSWORD',
  'AZURE_PASSWORD',
  'AZURE_CREDENTIALS',
  'ARM_CLIENT_SECRET',
  'ARM_ACCESS_KEY',
  'ARM_OIDC_TOKEN',
  'ARM_OIDC_REQUEST_TOKEN',
  'IDENTITY_HEADER',
  'MSI_SECRET',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'GOOGLE_CREDENTIALS',
  'GOOGLE_OAUTH_ACCESS_TOKEN',
  'GOOGLE_GHA_CREDS_PATH',
  'CLOUDSDK_AUTH_ACCESS_TOKEN',
  'DIGITALOCEAN_ACCESS_TOKEN',
  'HCLOUD_TOKEN',
  'KUBECONFIG',
  'KUBE_TOKEN',
  'VAULT_TOKEN',
  'VAULT_SECRET_ID',
  'TFE_TOKEN',
  'TF_TOKEN_app_terraform_io',
  'TERRAFORM_TOKEN',
  'PULUMI_ACCESS_TOKEN',
  'SOPS_AGE_KEY',
  'OP_SERVICE_ACCOUNT_TOKEN',
  'DOPPLER_TOKEN',
  // Package registries
  'NPM_TOKEN',
  'NODE_AUTH_TOKEN',
  'NPM_CONFIG__AUTH',
  'YARN_NPM_AUTH_TOKEN',
  'DOCKER_PASSWORD',
  'DOCKER_AUTH_CONFIG',
  'DOCKERHUB_TOKEN',
  'REGISTRY_PASSWORD',
  'PYPI_TOKEN',
  'PYPI_API_TOKEN',
  'TWINE_PASSWORD',
  'POETRY_PYPI_TOKEN_PYPI',
  'UV_PUBLISH_TOKEN',
  'CARGO_REGISTRY_TOKEN',
  'GEM_HOST_API_KEY',
  'RUBYGEMS_API_KEY',
  'NUGET_API_KEY',
  'HEX_API_KEY',
  'CODECOV_TOKEN',
  'SONAR_TOKEN',
  'SNYK_TOKEN',
]);
