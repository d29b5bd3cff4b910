import { isRecord, type Reply } from './api.js';
import { refusal, type Workbench } from './workbench.js';

const NOT_TRIED = 'not tried: set HOOKWRIGHT_LIVE_POLICIES=1';

/** Observes how policies use webhooks. The policies are disabled, so that they send no alerts. */
export async function observePolicies(bench: Workbench): Promise<void> {
  const allowed = bench.target.mayCreatePolicies;
  const note = (id: string, question: string, look: () => Promise<string>): Promise<void> =>
    bench.note(id, question, allowed ? look : () => NOT_TRIED);
  await note('policy-webhook-ids', 'How does a policy write the IDs of its webhooks?', async () => {
    const webhook = await bench.create();
    const policy = await createPolicy(
      bench,
      webhook.replace(/^(\w{8})(\w{4})(\w{4})(\w{4})(\w{12})$/, '$1-$2-$3-$4-$5'),
    );
    const [id] = webhookIds(await readPolicy(bench, policy));
    return id === undefined ? 'not at all' : id.includes('-') ? 'dashed' : 'dashless';
  });
  await note(
    'policy-put',
    'Does a PUT of a policy replace the policy or change only the given fields?',
    async () => {
      const webhook = await bench.create();
      const id = await createPolicy(bench, webhook);
      // A body without the policy's description.
      const body = { ...policyBody(bench, webhook), description: undefined };
      const reply = await bench.api.send('PUT', `/policies/${id}`, body);
      if (!reply.ok) return `refused: ${refusal(reply)}`;
      return (await readPolicy(bench, id)).result['description'] === 'made by a test' ? 'merged' : 'replaced';
    },
  );
  await note('policy-without-mechanism', 'Can a policy be created without any mechanism?', async () => {
    const reply = await bench.api.send('POST', '/policies', { ...policyBody(bench, ''), mechanisms: {} });
    return reply.ok ? 'yes' : `no: ${refusal(reply)}`;
  });
  await note(
    'policy-after-delete',
    'What remains of a policy after its only webhook is deleted?',
    async () => {
      const webhook = await bench.create();
      const id = await createPolicy(bench, webhook);
      const deleted = await bench.delete(webhook);
      if (!deleted.ok) return `the delete is refused: ${refusal(deleted)}`;
      const policy = await readPolicy(bench, id);
      if (!policy.ok) return `gone: ${refusal(policy)}`;
      return webhookIds(policy).length === 0 ? 'there, without a recipient' : 'there, pointing at nothing';
    },
  );
  await bench.note('custom-alerts', 'Does the list of policies contain custom alerts?', async () => {
    const name = bench.target.customAlert;
    if (name === undefined) {
      return 'not tried: create a custom alert in the dashboard, and set HOOKWRIGHT_LIVE_CUSTOM_ALERT to its name';
    }
    const { list } = await bench.api.send('GET', '/policies');
    return list.some((policy) => policy['name'] === name) ? 'yes' : 'no';
  });
}

function policyBody(bench: Workbench, webhook: string): Record<string, unknown> {
  return {
    name: bench.name(),
    description: 'made by a test',
    alert_type: 'universal_ssl_event_type',
    enabled: false,
    filters: {},
    mechanisms: { webhooks: [{ id: webhook }] },
  };
}

async function createPolicy(bench: Workbench, webhook: string): Promise<string> {
  const reply = await bench.api.send('POST', '/policies', policyBody(bench, webhook));
  const { id } = reply.result;
  if (reply.ok && typeof id === 'string') return id;
  throw new Error(`a policy could not be created: ${refusal(reply)}`);
}

function readPolicy(bench: Workbench, id: string): Promise<Reply> {
  return bench.api.send('GET', `/policies/${id}`);
}

function webhookIds({ result }: Reply): readonly string[] {
  const { mechanisms } = result;
  const list = isRecord(mechanisms) ? mechanisms['webhooks'] : [];
  return Array.isArray(list) ? list.filter(isRecord).map(({ id }) => String(id)) : [];
}
