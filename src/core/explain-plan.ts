import type { Explanation } from './explanation.js';
import type { GuardCode, NoteCode } from './plan.js';

/** What refuses a plan before anything is written. */
export const GUARDS = {
  'unlisted-undecided': [
    'The account has webhooks that the file does not name, and the file does not say what shall become of them.',
    'To delete them could be a disaster, to keep them could hide drift. That is for the file to decide.',
    'Write them into the file (hookwright import), list them under ignore, or set unlisted: keep or unlisted: delete.',
  ],
  'too-many-deletes': [
    'The plan deletes more than min(10, max(1, 25 %)) of the live webhooks, or all of them.',
    'Usually a cut file, a wrong account or a wrong --file.',
    'If it is meant, name each: under absent, or with --allow-delete NAME.',
  ],
  'in-use': [
    'A webhook that is to be deleted is used by a policy.',
    'Cloudflare takes a deleted webhook out of every policy without a word, so those alerts would be cut.',
    'Take it out of the policies first, or name it: --allow-detach NAME.',
  ],
  protected: [
    'A webhook with protect: true would be replaced, or left the file.',
    'Protected webhooks are never deleted or replaced.',
    'Undo the change, use an in-place strategy, drop protect in a commit of its own, or list the name under absent.',
  ],
  pinned: [
    'An entry with an id would be replaced, or its id is not live.',
    'A replace gives a new id, which the file would then contradict.',
    'Drop the id, correct it, or set the strategy to in-place.',
  ],
  'ambiguous-name': [
    'Several live webhooks bear the name, and neither their urls nor the policies tell which is meant.',
    'Names are not unique in Cloudflare.',
    'Pick one by its id (the message lists them), or delete the others.',
  ],
  'secret-missing': [
    'A variable or file that an entry declares is missing, empty, a placeholder, or has a stray newline. Nothing was sent.',
    'All of them are looked at before the first request, so that no apply stops halfway for want of a secret.',
    'Set what the message names where apply runs. plan needs none of them.',
  ],
} satisfies Record<GuardCode, Explanation>;

/** What a plan tells its reviewer; it stops nothing. */
export const NOTES = {
  'not-compared': [
    'The url of an entry is in a variable that is not set here.',
    'A plan needs no secrets; what it does not know it does not compare.',
    'Set the variable to have it compared.',
  ],
  'version-not-compared': [
    'An entry has a version, and there is nothing to compare it with.',
    'Cloudflare never shows secrets: only the file deployed last tells whether one was rotated.',
    'Pass --previous, for example --previous git:deployed.',
  ],
  'secret-may-clear': [
    'A webhook is updated for which no secret is declared.',
    'Whether an update without a secret erases the one that is there is not known.',
    'Declare it, or say secret: none.',
  ],
  'secret-not-carried': [
    'A webhook is replaced for which no secret is declared.',
    'A secret that was set elsewhere cannot be read, so the new webhook will have none.',
    'Declare it, or say secret: none.',
  ],
  'secret-unverifiable': [
    'A secret is changed in place.',
    'Cloudflare never shows it, and may not have changed it.',
    'Test it (hookwright test NAME), or use strategy.secret: replace.',
  ],
} satisfies Record<NoteCode, Explanation>;
