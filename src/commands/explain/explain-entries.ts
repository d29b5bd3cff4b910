import type { Explanation } from './explanation.js';

/** Codes of diagnostics about the meaning of entries. A test compares them with the codes of `src/config`. */
export const ENTRY_FAULTS: Readonly<Record<string, Explanation>> = {
  'no-account-id': [
    'A document names no account, and CLOUDFLARE_ACCOUNT_ID is not set.',
    'plan and apply must know which account the webhooks belong to; validate does not need it.',
    'Add account_id to the document, or set the variable.',
  ],
  'bad-account-id': [
    'This is not an account ID.',
    'An account ID is 32 hexadecimal digits.',
    "Copy it from the account's overview page in the Cloudflare dashboard.",
  ],
  'duplicate-account': [
    'One account is declared twice.',
    'Each declaration would delete the webhooks that the other one creates.',
    'Merge the two; the message names both places.',
  ],
  'duplicate-name': [
    'Two entries have the same name, or a name is a previous name of another entry.',
    'A webhook is identified by its name.',
    'Give each entry a unique name, or give all entries with this name an id.',
  ],
  'duplicate-id': ['Two entries have the same id.', 'An id pins one live webhook.', 'Keep one of them.'],
  'bad-id': [
    'This is not a webhook ID.',
    'A webhook ID is 32 hexadecimal digits, with or without dashes.',
    'To see the IDs, run hookwright status --format json.',
  ],
  'declared-and-ignored': [
    'A webhook is listed under both webhooks and ignore.',
    'hookwright cannot both manage and ignore it.',
    'Remove one of the two.',
  ],
  'declared-and-absent': [
    'A name is listed under both webhooks and absent.',
    'A webhook cannot both exist and be deleted.',
    'Remove one of the two.',
  ],
  'ignored-and-absent': [
    'A name is listed under both ignore and absent.',
    'hookwright never changes or deletes ignored webhooks.',
    'Remove one of the two.',
  ],
  'absent-pattern': [
    'A name under absent contains * or ?.',
    'absent accepts exact names only, because a pattern could delete more than intended.',
    'List the exact names.',
  ],
  'name-alike': [
    'Two names differ only in case, spaces or Unicode form.',
    'People can mistake one for the other.',
    'Rename one of them, and list its old name under previously.',
  ],
  'name-space': [
    'A name starts or ends with a space.',
    'Cloudflare may keep the space, and it is not visible.',
    'Remove the space.',
  ],
  'reserved-name': [
    'The name ends with the marker of an unfinished replacement.',
    'hookwright uses the marker to find leftovers.',
    'Choose a different name.',
  ],
  'bad-url': [
    'The URL is not an absolute http or https URL.',
    'The scheme may be missing, or the value is not a URL.',
    'Write the complete URL, for example https://relay.example.com/cf',
  ],
  'url-space': [
    'The URL starts or ends with a space.',
    'This is usually a typing error.',
    'Remove the space.',
  ],
  'url-placeholder': [
    'The URL contains ${…}.',
    'Placeholders in a desired-state file are not expanded.',
    'Put the whole URL in a variable: url: { env: NAME }.',
  ],
  'url-token': [
    'The URL contains the token of a chat service.',
    'Anyone who can read the file can post there.',
    'Write the URL without its last part and the token as secret: { env: NAME }, or the whole URL as { env: NAME }. If it was committed, create a new token.',
  ],
  'url-credential': [
    'The URL is a credential, or contains one.',
    'Anyone who can read the file can use it.',
    'Put the whole URL in a variable: url: { env: NAME }.',
  ],
  'url-env-unusable': [
    'A variable that a url refers to is set, but does not contain a usable URL.',
    'It is empty, a placeholder, or not an absolute http or https URL.',
    'Correct the variable where hookwright runs.',
  ],
  'http-url': [
    'The URL uses http instead of https.',
    'Alerts and the secret are sent over the internet unencrypted.',
    'Use https.',
  ],
  'private-host': [
    'The host is private or this machine.',
    'Cloudflare sends alerts from the internet, so the host must be publicly reachable.',
    'Use a public address, for example of a relay.',
  ],
  port: [
    'Cloudflare does not send to this port.',
    'It uses 80 and 443 (Splunk: also 8088).',
    'Move the receiver to one of these ports, or put a proxy in front of it.',
  ],
  'slack-workflow-secret': [
    'A Slack workflow URL has a secret.',
    'Cloudflare does not split /triggers/ and /workflows/ URLs; with a secret, alerts fail.',
    'Use the whole URL, preferably as { env: NAME }, and remove the secret.',
  ],
  'secret-needed': [
    'A Datadog, Opsgenie or Splunk webhook has no secret.',
    'These services require an API key or token.',
    'Add secret: { env: NAME }.',
  ],
  'literal-secret': [
    'A secret is written into the file.',
    'Files are committed and copied, and many people can read them.',
    'Write { env: NAME } or { file: PATH }. If the secret was committed, replace it.',
  ],
  'env-and-file': [
    'A secret has both env and file.',
    'It is not clear which of the two is intended.',
    'Keep one of them.',
  ],
  'bad-env-name': [
    'This is not the name of an environment variable.',
    'A name has letters, digits and _, without $ and without the value.',
    'Write only the name, for example OPS_SLACK_TOKEN.',
  ],
  'credential-env': [
    "A webhook's secret is a well-known credential of hookwright or of a CI system.",
    "It would be sent to the webhook's URL.",
    'Use a separate variable for each secret.',
  ],
  'env-not-allowed': [
    'A variable does not match any --env-allow pattern.',
    '--env-allow limits the variables that files can read.',
    'Rename the variable, or add a pattern with --env-allow.',
  ],
  'env-random': [
    'The name of a variable looks like a token.',
    'The value may have been pasted instead of the name.',
    'Write the name. If the value is a token and was committed, revoke it and create a new one.',
  ],
  'secret-file-outside': [
    'A secret file is outside the allowed directories.',
    'A desired-state file must not be able to send arbitrary files from the machine to a URL.',
    'Move the file to the directory of the YAML file or to /run/secrets, or pass --secret-dir.',
  ],
};
