import { matchesPattern } from '../../core/selection.js';
import type { Environment } from '../../core/ports.js';

/** Variables of systems that run pipelines or hold credentials. None of them is a webhook's secret. */
const FAMILIES = new RegExp(
  `^(?:${[
    ...['GITHUB', 'GH', 'ACTIONS', 'INPUT', 'GITLAB', 'GL', 'CI'],
    ...['TF', 'PULUMI', 'ANSIBLE', 'ARGOCD', 'VERCEL', 'SENTRY'],
    ...['AWS', 'AZURE', 'ARM', 'GOOGLE', 'GCP', 'KUBE', 'VAULT', 'SOPS', 'SIGSTORE', 'GPG', 'SSH'],
    ...['NPM', 'NODE_AUTH', 'DOCKER', 'DOCKERHUB', 'CR', 'OP_SERVICE', 'BW', 'BWS'],
  ].join('|')})_`,
);
/** Prefixes of variables that are credentials only if their name contains TOKEN, KEY, SECRET or PASS. */
const CREDENTIALS_OF = new RegExp(
  `^(?:${[
    ...['CLOUDFLARE', 'CF', 'TUNNEL'],
    ...['BITBUCKET', 'BUILDKITE', 'CIRCLE', 'DRONE', 'GITEA', 'JENKINS', 'RENOVATE', 'TEAMCITY', 'TRAVIS'],
    ...['CLOUDSDK', 'DIGITALOCEAN', 'DOPPLER', 'HCLOUD', 'MSI', 'TERRAFORM', 'TFE'],
    ...['CARGO', 'CODECOV', 'GEM', 'HEX', 'NUGET', 'POETRY', 'PYPI', 'REGISTRY', 'RUBYGEMS'],
    ...['SNYK', 'SONAR', 'TWINE', 'UV', 'YARN'],
  ].join('|')})_.*(?:TOKEN|KEY|SECRET|PASS)`,
);
const SINGLE =
  /^(?:.*_PROXY|KUBECONFIG|PGPASSWORD|DATABASE_URL|CLOUDFLARE_EMAIL|SYSTEM_ACCESSTOKEN|GIT_ASKPASS|IDENTITY_HEADER)$/;
/** Names of variables that are meant for a webhook, such as `GITHUB_RELAY_TOKEN`. */
const FOR_WEBHOOKS = /WEBHOOK|HOOK|RELAY/;
/** Copies that a CI system or Terraform passes on. Their names do not say whose credential it is. */
const COPIES = /^(?:INPUT|TF_VAR)_/;
/** A shorter value is not treated as a credential, because it could appear anywhere. */
const MIN_CREDENTIAL_LENGTH = 8;

/** Reports whether a variable, by its name, holds another tool's credential. */
export function isCredentialName(name: string): boolean {
  const upper = name.toUpperCase();
  if (FOR_WEBHOOKS.test(upper)) return false;
  return FAMILIES.test(upper) || CREDENTIALS_OF.test(upper) || SINGLE.test(upper);
}

/** Returns the names of credential variables by their values, and by the passwords of URLs. */
function credentialsIn(env: Environment): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [name, value = ''] of Object.entries(env)) {
    if (!isCredentialName(name) || COPIES.test(name.toUpperCase())) continue;
    for (const each of [value, passwordOf(value)]) {
      const credential = each.trim();
      if (credential.length >= MIN_CREDENTIAL_LENGTH && !found.has(credential)) found.set(credential, name);
    }
  }
  return found;
}

function passwordOf(value: string): string {
  try {
    return decodeURIComponent(new URL(value).password);
  } catch {
    return '';
  }
}

/** Why a reference cannot use a variable; `text` ends a sentence that starts with the variable's name. */
export type Refusal = { readonly why: 'credential' | 'not-allowed'; readonly text: string };

const CREDENTIAL = 'a credential of hookwright, a CI system or a cloud';

/** Decides which variables references can use, with the same rules for files, saved plans and the library. */
export class VariableRules {
  #credentials: ReadonlyMap<string, string> | undefined;

  /** `allowed`: patterns of `--env-allow`. Absent: any variable that holds no credential of another tool. */
  constructor(
    private readonly env: Environment,
    private readonly allowed?: readonly string[],
  ) {}

  /** Returns `undefined` if the variable can be used. */
  refusalOf(name: string): Refusal | undefined {
    if (isCredentialName(name)) return { why: 'credential', text: `is ${CREDENTIAL}` };
    if (this.allowed && !this.allowed.some((pattern) => matchesPattern(pattern, name)))
      return { why: 'not-allowed', text: 'is not allowed by HOOKWRIGHT_ENV_ALLOW or --env-allow' };
    const value = Object.hasOwn(this.env, name) ? this.env[name] : undefined;
    return value === undefined ? undefined : this.refusalOfValue(value);
  }

  /** Returns `undefined` if no credential has this value. */
  refusalOfValue(value: string): Refusal | undefined {
    this.#credentials ??= credentialsIn(this.env);
    const same = this.#credentials.get(value.trim());
    return same === undefined
      ? undefined
      : { why: 'credential', text: `has the same value as ${same}, ${CREDENTIAL}` };
  }
}
