import type { ErrorCode } from '../../core/errors.js';
import type { Explanation } from './explanation.js';

/** What stops a run, or one of its actions. */
export const ERRORS = {
  usage: [
    'The command line, or an environment variable that sets a flag, is not valid.',
    'The usual causes are an unknown command or flag, a value of the wrong type, missing credentials, or a prompt without a terminal.',
    'Correct what the message names. hookwright COMMAND --help lists the flags. Without a terminal, pass --auto-approve or a saved plan.',
  ],
  'invalid-file': [
    'A desired-state file, or a data file of the emulator, has errors.',
    'hookwright does not plan from a file that it understands only in part, because the rest could be webhooks that would then be deleted.',
    'Fix the errors shown, each with its line. hookwright validate lists all of them, offline.',
  ],
  'invalid-plan-file': [
    'The saved plan is truncated, was edited, or has a newer format.',
    'The checksum catches accidental changes, not tampering. To apply only the plan that was reviewed, use --expect-digest.',
    'Create it again: hookwright plan --out plan.json.',
  ],
  'access-denied': [
    'Cloudflare refused the token.',
    'It is wrong, expired, for a different account, or lacks "Notifications: Read" (plan) or "Notifications: Edit" (apply).',
    'Run hookwright doctor. It shows what the token can do.',
  ],
  'stale-plan': [
    'The account no longer matches the saved plan. Nothing was written.',
    'Someone changed a webhook after the plan was made. The message lists each webhook and field that changed.',
    'Create a new plan, have it reviewed, then apply it.',
  ],
  'digest-mismatch': [
    'The current plan is not the plan whose digest was approved. Nothing was written.',
    'The file or the account has changed since the approval.',
    'Have the plan shown reviewed, then pass its digest to --expect-digest.',
  ],
  'refused-by-guard': [
    'A guard refused the plan. Nothing was written to that account.',
    'Guards stop changes that are rarely intended. Each guard has its own code.',
    'The message says which guard refused and how to proceed. For details, run hookwright explain GUARD.',
  ],
  network: [
    'No response was received: the connection could not be opened, or it was closed.',
    'The usual causes are a missing network, a proxy, DNS, a firewall or a private certificate authority.',
    'hookwright doctor shows the proxy in use. hookwright honors HTTPS_PROXY, NO_PROXY and NODE_EXTRA_CA_CERTS. Then run the command again; apply continues from the live state.',
  ],
  timeout: [
    'A response took longer than --timeout.',
    'The usual causes are a slow network or a busy server. The write may have succeeded anyway.',
    'Run the command again; it reads the account to find out what happened. If it happens again, increase --timeout.',
  ],
  'rate-limited': [
    'Cloudflare accepts no more requests for now (HTTP 429).',
    "Cloudflare allows 1,200 requests in 5 minutes for each user, over all of the user's tokens.",
    'hookwright waits automatically. If it gave up, run it again later, or use a token of a separate user.',
  ],
  'bad-answer': [
    'The response is not valid: an error page, a truncated body, success without a result, or a redirect.',
    'The usual causes are an outage, a proxy in between, or an address that is not the API.',
    'Run the command again. If it happens again, check CLOUDFLARE_BASE_URL, and give the cf-ray of the message to Cloudflare support.',
  ],
  'api-refused': [
    'Cloudflare rejected the request.',
    "The message is Cloudflare's own, for example about a name, a URL or the account's plan.",
    'Change what the message names. hookwright doctor checks whether the account can use webhooks at all.',
  ],
  'not-found': [
    'The webhook or policy does not exist.',
    'It was deleted after it was listed, or the name is misspelled.',
    'hookwright status lists the live webhooks. Then create a new plan.',
  ],
  'wrong-address': [
    'Cloudflare does not know the requested address (code 7003 or 7000).',
    'Usually the account ID is wrong.',
    'Compare account_id, --account or CLOUDFLARE_ACCOUNT_ID with the dashboard.',
  ],
  'destination-refused': [
    'The destination did not accept the test message that Cloudflare sends to a new webhook.',
    'It must respond with 2xx to a POST from the internet. The message quotes its status.',
    'Check the URL and its token; for a chat service such as Slack or Discord, check that the webhook still exists there. Then run apply again.',
  ],
  'not-moved': [
    'Cloudflare reported success but did not change the field.',
    'Very probably it keeps the URL and the secret of a webhook on every update.',
    'Use strategy.url: replace (the default) or auto. For a policy, run apply again.',
  ],
  'not-verified': [
    'Reading the account again did not show the change.',
    'Someone else changed it in the meantime, or the API lags by more than --settle seconds.',
    'Run apply again; it continues from the live state. If it happens again, increase --settle.',
  ],
  'in-use': [
    'A policy uses the webhook, and deleting it would silently stop those alerts.',
    'Cloudflare silently removes a deleted webhook from every policy.',
    'Remove it from the policies first, or pass --allow-detach NAME.',
  ],
  'kept-differently': [
    'Cloudflare keeps the name or URL of the new webhook in another form than it was sent.',
    'No later plan would recognize the webhook, and each apply would create one more. So it was deleted again.',
    'Write the name or URL in the file as the message shows it, then run apply again.',
  ],
  'concurrent-apply': [
    'Another apply created the same webhook at the same time, and it is not certain which secret it has.',
    'Cloudflare has no lock and never returns secrets, so the webhook of the other run cannot be checked.',
    'Run plan. If the secret may be wrong, run apply with --replace NAME. Let only one pipeline apply at a time.',
  ],
  'policy-changed': [
    'Something other than the webhook changed in a policy while hookwright updated it.',
    'Someone edited the policy at the same time, or the API did not keep everything that was sent back.',
    'Check the policy in the dashboard. Then run apply again; it continues where it stopped.',
  ],
  skipped: [
    'The action was not started.',
    'Deletions run last and are skipped if another change failed.',
    'Fix the error and run apply again.',
  ],
  interrupted: [
    'The run was stopped before its end, by a signal or by an answer other than yes.',
    'Requests in progress were finished; no new action was started.',
    'Run apply again when ready; it continues where it stopped.',
  ],
  'check-failed': [
    'A check found a problem: a failing destination, or something that doctor reported.',
    'status --check, test and doctor can end with this error. They do not write anything.',
    'The lines above describe the problem and what to do.',
  ],
  io: [
    'A file could not be read or written, or a port could not be opened.',
    'The usual causes are permissions, a full disk, a missing directory, or another program on the port.',
    'The message names the file or port. Nothing was written to Cloudflare because of it.',
  ],
  internal: [
    'A bug in hookwright.',
    'hookwright reached a state that should not be possible.',
    'Please report it with the lines that were printed; they contain no secret. To finish an apply, run it again; it continues from the live state.',
  ],
} satisfies Record<ErrorCode, Explanation>;
