/** What the file says of every account, and what became of it in some of them. */

export const accountId = (n) => (n + 1).toString(16).padStart(32, '0');

export const webhook = (n) => ({ name: `Webhook ${n}`, url: `https://hooks.example/cloudflare/${n}` });

/** Numbers that look random and are the same in every run: mulberry32. */
function random(seed) {
  let state = (seed * 0x9e3779b9) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Three accounts in ten have drifted: one webhook is gone, points elsewhere, or is one too many. */
export function drifted(webhooks, account) {
  const next = random(account + 1);
  const at = Math.floor(next() * webhooks.length);
  const kind = Math.floor(next() * 10);
  if (kind === 0) return webhooks.filter((_, i) => i !== at);
  if (kind === 1) return webhooks.map((each, i) => (i === at ? { ...each, url: `${each.url}/old` } : each));
  if (kind === 2) return [...webhooks, { name: 'Forgotten', url: 'https://hooks.example/forgotten' }];
  return webhooks;
}
