import type { Explanation } from './explanation.js';

/** Codes of diagnostics about what is meant. A test holds them against what `src/config` can say. */
export const ENTRY_FAULTS: Readonly<Record<string, Explanation>> = {
  'no-account-id': [
    'A document names no account, and CLOUDFLARE_ACCOUNT_ID is not set.',
    'plan and apply must know whose webhooks these are; validate need not.',
    'Write account_id into the document, or set the variable.',
  ],
  'bad-account-id': [
    'This is not the id of an account.',
    'It has 32 hex digits.',
    'Copy it from the overview page of the account in the dashboard.',
  ],
  'duplicate-account': [
    'One account is described twice.',
    'Each description would delete what the other one creates.',
    'Merge the two; the message names both places.',
  ],
  'duplicate-name': [
    "Two entries have the same name, or a name is another entry's earlier one.",
    'By its name a live webhook is found.',
    'Give each its own name, or give all entries of that name an id.',
  ],
  'duplicate-id': ['Two entries have the same id.', 'An id pins one live webhook.', 'Keep one of them.'],
  'bad-id': [
    'This is not the id of a webhook.',
    'It has 32 hex digits, with or without dashes.',
    'hookwright status --format json shows the ids.',
  ],
  'declared-and-ignored': [
    'A webhook is declared and ignored.',
    'It cannot be both managed and left alone.',
    'Remove one of the two.',
  ],
  'declared-and-absent': [
    'A webhook is declared and wanted gone.',
    'It cannot be both.',
    'Remove one of the two.',
  ],
  'ignored-and-absent': [
    'A webhook is ignored and wanted gone.',
    'What is ignored is never touched.',
    'Remove one of the two.',
  ],
  'absent-pattern': [
    'A name under absent holds * or ?.',
    'absent takes exact names: a pattern that deletes is too easily too wide.',
    'Write the names out.',
  ],
  'name-alike': [
    'Two names differ only by case, space or Unicode form.',
    'People take them for one.',
    'Rename one of them, with previously.',
  ],
  'name-space': [
    'A name starts or ends with a space.',
    'Cloudflare may keep it, and nobody sees it.',
    'Remove it.',
  ],
  'reserved-name': [
    'The name ends in the marker of an unfinished replace.',
    'hookwright finds left-overs by it.',
    'Choose another name.',
  ],
  'bad-url': [
    'The url is not an absolute http or https url.',
    'A scheme is missing, or it is something else.',
    'Write it whole: https://relay.example.com/cf',
  ],
  'url-space': ['The url starts or ends with a space.', 'A slip of the keyboard.', 'Remove it.'],
  'url-placeholder': [
    'The url holds ${…}.',
    'Nothing is filled in in a desired-state file.',
    'Put the whole url into a variable: url: { env: NAME }.',
  ],
  'url-token': [
    'The url carries the token of a chat service.',
    'Whoever reads the file could post there.',
    'Give the url without its last part and the token as secret: { env: NAME }, or the whole url as { env: NAME }. If it was committed, make a new one.',
  ],
  'url-credential': [
    'The url is a credential, or carries one.',
    'Whoever reads the file has it.',
    'Put the whole url into a variable: url: { env: NAME }.',
  ],
  'url-env-unusable': [
    'A variable that a url refers to is set, and holds no usable url.',
    'It is empty, a placeholder, or not an absolute http or https url.',
    'Correct the variable where hookwright runs.',
  ],
  'http-url': [
    'The url is http, not https.',
    'Alerts and the secret go over the Internet unencrypted.',
    'Use https.',
  ],
  'private-host': [
    'The host is private or this very machine.',
    'Cloudflare sends alerts from the Internet.',
    'Give a public address, for example of a relay.',
  ],
  port: [
    'Cloudflare does not send to this port.',
    'It uses 80 and 443 (Splunk: also 8088).',
    'Move the receiver, or put a proxy before it.',
  ],
  'slack-workflow-secret': [
    'A Slack workflow url has a secret.',
    'Cloudflare does not split /triggers/ and /workflows/ urls; with a secret, alerts fail.',
    'Give the whole url, best as { env: NAME }, and remove the secret.',
  ],
  'secret-needed': [
    'Datadog, Opsgenie or Splunk without a secret.',
    'They take alerts only with an API key or token.',
    'Add secret: { env: NAME }.',
  ],
  'literal-secret': [
    'A secret is written into the file.',
    'Files are committed, copied and read by many.',
    'Write { env: NAME } or { file: PATH }. If it was committed, make a new one.',
  ],
  'env-and-file': ['A secret has both env and file.', 'Which one counts would be a guess.', 'Keep one.'],
  'bad-env-name': [
    'This is not the name of an environment variable.',
    'Letters, digits and _, no $ and no value.',
    'Write the name alone: OPS_SLACK_TOKEN.',
  ],
  'credential-env': [
    "A webhook's secret is a well-known credential of hookwright or of a CI system.",
    "It would be sent to the webhook's url.",
    'Use a variable of its own for each secret.',
  ],
  'env-not-allowed': [
    'A variable is not among those that --env-allow permits.',
    'Whoever runs hookwright narrows which variables files may read.',
    'Rename the variable, or widen --env-allow.',
  ],
  'env-random': [
    'The name of a variable looks like a token.',
    'Perhaps the value was pasted in place of the name.',
    'Write the name. If it is a token and was committed, make a new one.',
  ],
  'secret-file-outside': [
    "A secret's file lies outside of the allowed folders.",
    'A file of desired state must not be able to send any file of the machine to a url.',
    'Put it into the folder of the YAML file or into /run/secrets, or pass --secret-dir.',
  ],
};
