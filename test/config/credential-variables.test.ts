import { describe, expect, test } from '@jest/globals';
import { isCredentialName, VariableRules } from '../../src/config/secrets/credential-variables.js';

/** Names that pipelines, clouds and tools use. */
const CREDENTIALS = `
  CLOUDFLARE_API_TOKEN CLOUDFLARE_API_KEY CLOUDFLARE_API_USER_SERVICE_KEY CLOUDFLARE_EMAIL CLOUDFLARE_READ_TOKEN
  CLOUDFLARE_TUNNEL_TOKEN CF_API_TOKEN CF_API_KEY CF_ACCESS_CLIENT_SECRET TUNNEL_TOKEN TUNNEL_TRANSPORT_KEY
  GITHUB_TOKEN GITHUB_PAT GITHUB_APP_PRIVATE_KEY GITHUB_ENTERPRISE_TOKEN GH_TOKEN GH_PAT GH_ENTERPRISE_TOKEN
  ACTIONS_RUNTIME_TOKEN ACTIONS_CACHE_URL ACTIONS_ID_TOKEN_REQUEST_TOKEN ACTIONS_ID_TOKEN_REQUEST_URL INPUT_TOKEN
  GITLAB_TOKEN GITLAB_PRIVATE_TOKEN GITLAB_OAUTH_TOKEN GL_TOKEN CI_JOB_TOKEN CI_JOB_JWT CI_JOB_JWT_V2 CI_BUILD_TOKEN
  CI_DEPLOY_PASSWORD CI_REGISTRY_PASSWORD CI_DEPENDENCY_PROXY_PASSWORD CI_RUNNER_SHORT_TOKEN CI_REPOSITORY_URL
  TF_TOKEN_app_terraform_io TF_VAR_cloudflare_api_token TFE_TOKEN TERRAFORM_TOKEN
  AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_SECURITY_TOKEN AWS_WEB_IDENTITY_TOKEN_FILE
  AZURE_CLIENT_SECRET AZURE_CLIENT_CERTIFICATE_PASSWORD AZURE_PASSWORD AZURE_CREDENTIALS AZURE_DEVOPS_EXT_PAT
  ARM_CLIENT_SECRET ARM_ACCESS_KEY ARM_OIDC_TOKEN ARM_SAS_TOKEN
  GOOGLE_APPLICATION_CREDENTIALS GOOGLE_CREDENTIALS GOOGLE_OAUTH_ACCESS_TOKEN GOOGLE_GHA_CREDS_PATH GCP_SA_KEY
  KUBE_TOKEN KUBE_CONFIG_DATA KUBECONFIG VAULT_TOKEN VAULT_SECRET_ID VAULT_ROLE_ID
  SIGSTORE_ID_TOKEN SENTRY_AUTH_TOKEN SENTRY_DSN NPM_TOKEN NPM_CONFIG__AUTH NODE_AUTH_TOKEN
  DOCKER_PASSWORD DOCKER_AUTH_CONFIG DOCKERHUB_TOKEN DOCKERHUB_USERNAME CR_PAT OP_SERVICE_ACCOUNT_TOKEN
  BW_SESSION BW_CLIENTSECRET BWS_ACCESS_TOKEN VERCEL_TOKEN SOPS_AGE_KEY SOPS_AGE_KEY_FILE ARGOCD_AUTH_TOKEN
  ARGOCD_PASSWORD PULUMI_ACCESS_TOKEN PULUMI_CONFIG_PASSPHRASE ANSIBLE_VAULT_PASSWORD ANSIBLE_BECOME_PASS
  GPG_PRIVATE_KEY GPG_PASSPHRASE SSH_PRIVATE_KEY SSH_AUTH_SOCK
  HTTPS_PROXY HTTP_PROXY ALL_PROXY NO_PROXY https_proxy npm_config_https_proxy PGPASSWORD DATABASE_URL
  SYSTEM_ACCESSTOKEN BITBUCKET_TOKEN BITBUCKET_APP_PASSWORD BITBUCKET_STEP_OIDC_TOKEN CIRCLE_TOKEN CIRCLE_OIDC_TOKEN_V2
  BUILDKITE_AGENT_ACCESS_TOKEN DRONE_TOKEN DRONE_NETRC_PASSWORD TRAVIS_API_TOKEN JENKINS_API_TOKEN JENKINS_PASSWORD
  TEAMCITY_TOKEN GITEA_TOKEN RENOVATE_TOKEN GIT_ASKPASS IDENTITY_HEADER MSI_SECRET CLOUDSDK_AUTH_ACCESS_TOKEN
  DIGITALOCEAN_ACCESS_TOKEN HCLOUD_TOKEN DOPPLER_TOKEN YARN_NPM_AUTH_TOKEN REGISTRY_PASSWORD PYPI_API_TOKEN
  TWINE_PASSWORD POETRY_PYPI_TOKEN_PYPI UV_PUBLISH_TOKEN CARGO_REGISTRY_TOKEN GEM_HOST_API_KEY RUBYGEMS_API_KEY
  NUGET_API_KEY HEX_API_KEY CODECOV_TOKEN SONAR_TOKEN SNYK_TOKEN`;

/** Names that people give to secrets of webhooks. */
const OF_WEBHOOKS = `
  OPS_SLACK_TOKEN RELAY_URL PAGER_SECRET DATADOG_API_KEY DD_API_KEY OPSGENIE_API_KEY SPLUNK_HEC_TOKEN SLACK_TOKEN
  SLACK_WEBHOOK_URL DISCORD_WEBHOOK TEAMS_HOOK GITHUB_WEBHOOK_SECRET CI_RELAY_TOKEN CLOUDFLARE_WEBHOOK_SECRET
  CF_WEBHOOK_AUTH AWS_RELAY_URL HOOKWRIGHT_RELAY VAULTS_TOKEN CIRCUS_TOKEN TFX_TOKEN NPMTOKEN PROXY_SECRET CFO_TOKEN
  CLOUDFLARE_ALERTS_URL CF_RECEIVER`;

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

test.each(words(CREDENTIALS))("%s holds another tool's credential, in upper or lower case", (name) => {
  expect([name, name.toLowerCase(), name.toUpperCase()].map(isCredentialName)).toEqual([true, true, true]);
});

test.each(words(OF_WEBHOOKS))('%s can be the secret of a webhook', (name) => {
  expect([name, name.toLowerCase()].map(isCredentialName)).toEqual([false, false]);
});

describe('a variable with the same value as a credential', () => {
  const env = {
    CLOUDFLARE_API_TOKEN: 'cf-token-123',
    DEPLOY_TOKEN: 'cf-token-123',
    PADDED: ' cf-token-123\n',
    HTTPS_PROXY: 'http://user:p%40ssw0rd@proxy.example:8080',
    PROXY_SECRET: 'p@ssw0rd',
    WHOLE_URL: 'http://user:p%40ssw0rd@proxy.example:8080',
    GITHUB_TOKEN: 'short',
    ALSO_SHORT: 'short',
    GITHUB_WEBHOOK_SECRET: 'webhook-secret',
    SAME_WEBHOOK: 'webhook-secret',
    TF_VAR_ops_token: 'ops-secret-1',
    INPUT_OPS_TOKEN: 'ops-secret-1',
    OPS_TOKEN: 'ops-secret-1',
    OTHER: 'another-value',
    NO_PROXY: '',
  };
  const rules = new VariableRules(env);

  test.each([
    ['DEPLOY_TOKEN', 'CLOUDFLARE_API_TOKEN'],
    ['PADDED', 'CLOUDFLARE_API_TOKEN'],
    ['PROXY_SECRET', 'HTTPS_PROXY'],
    ['WHOLE_URL', 'HTTPS_PROXY'],
  ])('%s: refused, as it equals %s', (name, of) => {
    const text = `has the same value as ${of}, a credential of hookwright, a CI system or a cloud`;
    expect(rules.refusalOf(name)).toEqual({ why: 'credential', text });
  });

  test.each(['ALSO_SHORT', 'SAME_WEBHOOK', 'OPS_TOKEN', 'OTHER', 'NOT_SET', '__proto__'])(
    '%s: allowed',
    (name) => {
      expect(rules.refusalOf(name)).toBeUndefined();
    },
  );

  test('also recognizes a value that is not in a variable', () => {
    expect(rules.refusalOfValue('cf-token-123')?.text).toContain('same value as CLOUDFLARE_API_TOKEN');
    expect(rules.refusalOfValue('cf-token-12')).toBeUndefined();
  });
});

describe('--env-allow', () => {
  test('allows only matching variables, but never credentials', () => {
    const rules = new VariableRules({}, ['OPS_*', 'GITHUB_*']);
    expect(rules.refusalOf('OPS_TOKEN')).toBeUndefined();
    expect(rules.refusalOf('RELAY_URL')).toEqual({
      why: 'not-allowed',
      text: 'is not allowed by HOOKWRIGHT_ENV_ALLOW or --env-allow',
    });
    expect(rules.refusalOf('GITHUB_TOKEN')).toEqual({
      why: 'credential',
      text: 'is a credential of hookwright, a CI system or a cloud',
    });
  });

  test('an empty list allows nothing', () => {
    expect(new VariableRules({}, []).refusalOf('OPS_TOKEN')?.why).toBe('not-allowed');
  });
});
