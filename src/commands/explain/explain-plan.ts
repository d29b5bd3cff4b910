import type { Explanation } from './explanation.js';
import type { GuardCode, NoteCode } from '../../core/plan.js';

/** What refuses a plan before anything is written. */
export const GUARDS = {
  'unlisted-undecided': [
    'The account has webhooks that are not in the file, and the file does not say whether to keep or delete them.',
    'Deleting them could stop alerts, and keeping them could hide drift, so the file must decide.',
    'Add them to the file (hookwright import), list them under ignore, or set unlisted: keep or unlisted: delete.',
  ],
  'too-many-deletes': [
    'The plan deletes more than min(10, max(1, 25%)) of the live webhooks, or all of them.',
    'The usual causes are a truncated file, a wrong account or a wrong --file.',
    'If this is intended, list each webhook under absent, or pass --allow-delete NAME.',
  ],
  'in-use': [
    'A policy uses a webhook that the plan would delete.',
    'Cloudflare silently removes a deleted webhook from every policy, so those alerts would stop.',
    'Remove it from the policies first, or pass --allow-detach NAME.',
  ],
  protected: [
    'The plan would replace a webhook that has protect: true, or such a webhook was removed from the file.',
    'Protected webhooks are never deleted or replaced.',
    'Undo the change, use an in-place strategy, remove protect in a separate commit, or list the name under absent.',
  ],
  pinned: [
    'The plan would replace an entry that has an id, or no live webhook has that id.',
    'A replacement has a new ID, which would contradict the file.',
    'Correct the id, remove it, or set the strategy to in-place.',
  ],
  'ambiguous-name': [
    'Several live webhooks have this name, and neither their URLs nor the policies identify one of them.',
    'Names are not unique in Cloudflare.',
    'Select one by its id (the message lists them), or delete the others.',
  ],
  'secret-needed': [
    'A webhook would be created for a service that delivers nothing without a secret.',
    'Datadog, Opsgenie and Splunk need a key beside the URL, and a chat URL without its last part has no token.',
    'Add secret: { env: NAME } to the entry, or "secret: none" if that is intended.',
  ],
  'no-such-policy': [
    'The file has a route for a policy that the account does not have.',
    'hookwright changes which webhooks a policy sends to; it does not create policies.',
    'Correct the name under "policies" (the message lists the names that exist), or create the policy in Cloudflare.',
  ],
  'policy-silenced': [
    'A route would leave a policy without any recipient.',
    'Cloudflare refuses a policy without a recipient (17102).',
    'List a webhook for it, or add another recipient or disable the policy in Cloudflare and remove it from the file.',
  ],
  'secret-missing': [
    'A variable or file that an entry declares is missing, empty, a placeholder, or contains a newline. Nothing was sent.',
    'All secrets are checked before the first request, so that apply does not stop halfway because one is missing.',
    'Set what the message names where apply runs. plan needs none of them.',
  ],
} satisfies Record<GuardCode, Explanation>;

/** What a plan tells its reviewer; it stops nothing. */
export const NOTES = {
  'not-compared': [
    'The URL of an entry is in a variable that is not set here.',
    'A plan needs no secrets, and it does not compare values that it cannot read.',
    'To have the URL compared, set the variable.',
  ],
  'version-not-compared': [
    'An entry has a version, and there is no previous version to compare it with.',
    'Cloudflare never returns secrets, so only the last deployed file shows whether a secret was rotated.',
    'Pass --previous, for example --previous git:deployed.',
  ],
  'secret-may-clear': [
    'The plan updates a webhook for which the file declares no secret.',
    'It is not known whether an update without a secret erases the existing one.',
    'Declare the secret, or write secret: none.',
  ],
  'secret-not-carried': [
    'The plan replaces a webhook for which the file declares no secret.',
    'A secret that was set elsewhere cannot be read, so the new webhook will have no secret.',
    'Declare the secret, or write secret: none.',
  ],
  'secret-unverifiable': [
    'The plan changes a secret in place.',
    'Cloudflare never returns secrets, and it may not have changed this one.',
    'Test the webhook (hookwright test NAME), or use strategy.secret: replace.',
  ],
  'maybe-renamed': [
    'A webhook would be created whose URL is that of a live webhook which the file does not name.',
    'If it was renamed in the file or in Cloudflare, creating another one leaves the policies on the old one.',
    'Add the live name under "previously" of the entry. If they are two webhooks, nothing needs to be done.',
  ],
  'secrets-not-compared': [
    'These webhooks have secrets, which were not compared with the live ones.',
    'Cloudflare never returns secrets.',
    'To set one again, change its "version" and use --previous, or run apply with --rotate NAME.',
  ],
  'reference-changed': [
    'The reference to a secret or URL changed, or was added or removed, but its version did not change.',
    'A new reference can name the same value, so nothing is sent.',
    'To send the value, add or change "version". To remove a secret, write "secret: none".',
  ],
  'reference-new-host': [
    'A value that the file refers to would be sent to a host that it was not sent to before.',
    'Whoever can change the file can send a credential elsewhere this way.',
    'Check that the host is the right receiver of this value before you approve the plan.',
  ],
  'no-policy': [
    'No policy uses this webhook, so nothing is sent there.',
    'Cloudflare sends alerts only to the webhooks of notification policies.',
    'Add a route under "policies", or use the webhook in a policy in Cloudflare.',
  ],
  'near-limit': [
    'The account would have more than 100 destinations.',
    'An account without a paid zone can have at most 100.',
    'Check the plan of the account with hookwright doctor, or delete webhooks that are not needed.',
  ],
  'route-left-file': [
    'A policy was removed from the file.',
    'The file then no longer manages which webhooks it sends to.',
    'Nothing is changed. To take a webhook out of the policy, list the policy without it first.',
  ],
  'custom-alerts-not-seen': [
    'Custom alerts can send to webhooks too, and hookwright does not look at them.',
    'It is not known whether the list of policies has them.',
    'Before you delete or replace a webhook, check in Cloudflare that no custom alert uses it.',
  ],
} satisfies Record<NoteCode, Explanation>;
