import type { ErrorCode } from './errors.js';
import type { Explanation } from './explanation.js';

/** What stops a run, or an action of it. */
export const ERRORS = {
  usage: [
    'The command line, or an environment variable that stands for a flag, cannot be understood.',
    'An unknown command or flag, a value of the wrong kind, missing credentials, or a prompt without a terminal.',
    'The message says which. hookwright COMMAND --help lists the flags; without a terminal pass --auto-approve or a saved plan.',
  ],
  'invalid-file': [
    'A file of desired state, or a data file of the emulator, has faults.',
    'Nothing is planned from a file that is only partly understood: what was not understood could be a webhook that would be deleted.',
    'Each fault is told with its line; hookwright validate tells them all, offline.',
  ],
  'invalid-plan-file': [
    'A saved plan is cut, was edited, or is of a newer format.',
    'A saved plan bears a checksum over all of it, which tells of a slip; who can write the file can make another, so review is bound by --expect-digest.',
    'Make it anew: hookwright plan --out plan.json.',
  ],
  'access-denied': [
    'Cloudflare refused the token.',
    'It is wrong, expired, for another account, or lacks "Notifications: Read" (plan) or "Notifications: Edit" (apply).',
    'Run hookwright doctor. It says what the token may do.',
  ],
  'stale-plan': [
    'The account is not any more as the saved plan saw it. Nothing was written.',
    'Somebody changed a webhook since. The message names each webhook and field that moved.',
    'Plan again, have it reviewed, apply that.',
  ],
  'digest-mismatch': [
    'The plan of now is not the one whose digest was approved. Nothing was written.',
    'The file or the account changed since.',
    'Compare the plan shown with the approved one, have it reviewed, pass its digest.',
  ],
  'refused-by-guard': [
    'A guard refused the plan. Nothing was written to that account.',
    'Guards stop what is seldom meant. Each has a code of its own.',
    'The plan names the guard and the way on; hookwright explain GUARD says more.',
  ],
  network: [
    'No answer came: the connection could not be made or broke.',
    'No network, a proxy, DNS, a firewall or a private certificate authority.',
    'hookwright doctor names the proxy in use. HTTPS_PROXY, NO_PROXY and NODE_EXTRA_CA_CERTS are respected. Then run it again: apply converges.',
  ],
  timeout: [
    'An answer took longer than --timeout.',
    'A slow network, or a busy server. A write may have happened all the same.',
    'Run it again: what happened is found by reading. If it recurs, raise --timeout.',
  ],
  'rate-limited': [
    'Cloudflare takes no more requests for now (HTTP 429).',
    'A token may send 1,200 requests in five minutes, all its users together.',
    'hookwright waits by itself; if it gave up, run it again later, or give it a token of its own.',
  ],
  'bad-answer': [
    'The answer makes no sense: an error page, a cut body, success without a result, a redirect.',
    'An outage, a proxy in between, or an address that is not the API.',
    'Run it again. If it recurs, look at CLOUDFLARE_BASE_URL and at the cf-ray of the message.',
  ],
  'api-refused': [
    'Cloudflare understood the request and said no.',
    "The message is Cloudflare's own, for example about a name, a url or the account's plan.",
    'Change what it names. hookwright doctor says whether the account may use webhooks at all.',
  ],
  'not-found': [
    'There is no such webhook or policy.',
    'It was deleted since it was listed, or the name is misspelt.',
    'hookwright status lists what is live. Plan again.',
  ],
  'wrong-address': [
    'Cloudflare does not know the address that was asked (code 7003 or 7000).',
    'Most often the account id is wrong.',
    'Compare account_id, --account or CLOUDFLARE_ACCOUNT_ID with the dashboard.',
  ],
  'destination-refused': [
    'The destination did not accept the test message that Cloudflare sends to a new webhook.',
    'It must answer 2xx to a POST from the Internet. The message quotes its status.',
    'Check the url and its token; for Slack, Discord and the like that the webhook still exists there. Then apply again.',
  ],
  'not-moved': [
    'Cloudflare answered success and did not change the field.',
    'Very probably it keeps the url and the secret of a webhook on every update.',
    'Use strategy.url: replace (the default) or auto. For a policy: apply again.',
  ],
  'not-verified': [
    'What was written is not what is seen when the account is read again.',
    'Somebody else changed it meanwhile, or the API lags by more than --settle seconds.',
    'Run apply again: it converges. If it recurs, raise --settle.',
  ],
  'in-use': [
    'A policy uses the webhook, and deleting it would silently cut those alerts.',
    'Cloudflare takes a deleted webhook out of every policy without a word.',
    'Take it out of the policies first, or name it: --allow-detach NAME.',
  ],
  'policy-changed': [
    'Something other than the webhook changed in a policy while it was moved.',
    'Somebody edited it at the same time, or the API did not keep all that was sent back.',
    'Look at the policy in the dashboard. Then apply again: it goes on where it stopped.',
  ],
  skipped: [
    'The action was not begun.',
    'Deletes wait for everything else; if something before them failed, they are left out.',
    'Mend what failed and apply again.',
  ],
  interrupted: [
    'The run was stopped before its end, by a signal or by an answer other than yes.',
    'What was under way was finished; the rest was not begun.',
    'Apply again when ready: it goes on where it stopped.',
  ],
  'check-failed': [
    'A check found something amiss: a failing destination, or a problem that doctor saw.',
    'status --check, test and doctor end so; nothing was written.',
    'The lines above say what and what to do.',
  ],
  io: [
    'A file could not be read or written, or a port could not be had.',
    'Permissions, a full disk, a folder that is not there, or another program on the port.',
    'The message names the file. Nothing was written to Cloudflare because of it.',
  ],
  internal: [
    'A bug in hookwright.',
    'Something happened that its authors thought impossible.',
    'Please report it with the lines that were printed; they hold no secret. Apply again converges.',
  ],
} satisfies Record<ErrorCode, Explanation>;
