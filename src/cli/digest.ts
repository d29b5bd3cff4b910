import { createHash } from 'node:crypto';
import { canonicalJson } from '../core/canonical-json.js';
import type { Plan } from '../core/plan.js';
import type { PlanDocument } from '../render/plan-document.js';
import { toPlanDocument } from '../render/plan-json.js';

/** Lower-case hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** What a plan's digest is taken over: who, what and from what to what; nothing that moves by itself. */
function essence({ format_version, accounts }: PlanDocument): unknown {
  const live = (webhook: { id: string; name: string; url: unknown } | undefined): unknown =>
    webhook && { id: webhook.id.replaceAll('-', '').toLowerCase(), name: webhook.name, url: webhook.url };
  return {
    format_version,
    accounts: accounts
      .filter(({ actions }) => actions.length > 0)
      .map(({ account_id, actions }) => ({
        account_id,
        actions: actions.map(({ kind, name, before, after, method, retire, survivor }) => ({
          kind,
          name,
          before: live(before),
          after,
          method,
          retire: retire?.map(live),
          survivor: live(survivor),
        })),
      })),
  };
}

/** The SHA-256 by which a plan is known: the same for the same plan on any machine, at any time. */
export function digestOf(document: PlanDocument): string {
  return sha256(canonicalJson(essence(document)));
}

/** The plan as a document that bears its digest. */
export function documentOf(plan: Plan): PlanDocument & { readonly digest: string } {
  const document = toPlanDocument(plan, { sha256 });
  return { ...document, digest: digestOf(document) };
}
