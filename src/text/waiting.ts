/** `Waiting 12 s for Cloudflare's rate limit…` */
export function waitingText(milliseconds: number): string {
  return `Waiting ${Math.ceil(milliseconds / 1000)} s for Cloudflare's rate limit…`;
}
