import { looksRandom } from '../../core/urls.js';

const LONGEST = 60;
/** Variables of this tool begin so: a webhook called "Cloudflare base" must not claim CLOUDFLARE_BASE_URL. */
const OURS = /^(?:HOOKWRIGHT|CLOUDFLARE|CF)(?:_|$)/;

/** Gives each secret of a file a variable of its own, with a name that people recognise. */
export class EnvNames {
  readonly #taken: Set<string>;

  /** `taken`: names that must not be given, such as those of credentials and of variables already in use. */
  constructor(taken: Iterable<string>) {
    this.#taken = new Set(taken);
  }

  /** For the secret of the webhook of this name: `OPS_SLACK_SECRET`. */
  secretOf(webhook: string): string {
    return this.#unique(`${stem(webhook, /_SECRET$/)}_SECRET`);
  }

  /** For its whole url: `RELAY_WEBHOOK_URL`. */
  urlOf(webhook: string): string {
    return this.#unique(`${stem(webhook, /(?:_WEBHOOK)?(?:_URL)?$/)}_WEBHOOK_URL`);
  }

  #unique(wanted: string): string {
    let name = wanted;
    for (let n = 2; this.#taken.has(name); n += 1) name = `${wanted}_${n}`;
    this.#taken.add(name);
    return name;
  }
}

/** The name in the letters that shells take, without `suffix`; `WEBHOOK` where nothing is left of it. */
function stem(webhook: string, suffix: RegExp): string {
  const words = webhook
    .slice(0, 1000)
    .normalize('NFKD')
    .replace(/\p{Mark}+/gu, '')
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^_|_$/g, '');
  const short = words.length > LONGEST ? words.slice(0, LONGEST).replace(/_[^_]*$/, '') : words;
  const bare = short.replace(suffix, '');
  // What looks like a token must not be told in the name of a variable either.
  if (bare === '' || looksRandom(bare) || bare.split('_').some(looksRandom)) return 'WEBHOOK';
  return /^\d/.test(bare) || OURS.test(bare) ? `WEBHOOK_${bare}` : bare;
}
