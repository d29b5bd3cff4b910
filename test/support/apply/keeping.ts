import type { PolicyId, WebhookId } from '../../../src/core/ids.js';
import type { Policy } from '../../../src/core/live.js';
import { id } from '../core/builders.js';
import { DONE, type Script } from './scripted.js';

/** A server that stores policies and applies each PUT as sent. `sent`: the names of the policies of the PUTs. */
export function keeping(...policies: readonly Policy[]) {
  const kept = new Map(policies.map((each) => [each.id, each]));
  const sent: string[] = [];
  const script: Script = {
    listPolicies: () => Promise.resolve([...kept.values()]),
    getPolicy: (_account, each) => Promise.resolve(kept.get(each)),
    updatePolicy: (_account, each, body) => {
      const found = kept.get(each);
      if (!found) throw new Error('no such policy');
      const { webhooks } = body['mechanisms'] as { webhooks: { id: WebhookId }[] };
      sent.push(found.name);
      kept.set(each, { ...found, raw: { ...found.raw, ...body }, webhookIds: webhooks.map((use) => use.id) });
      return Promise.resolve(DONE);
    },
  };
  const uses = (n: number): readonly string[] =>
    kept.get(id(1000 + n) as string as PolicyId)?.webhookIds ?? [];
  return { script, kept, sent, uses };
}
