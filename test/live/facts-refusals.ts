import { randomBytes } from 'node:crypto';
import { refusal, type Workbench } from './workbench.js';

/** How the API says no. */
export async function observeRefusals(bench: Workbench): Promise<void> {
  const unknown = randomBytes(16).toString('hex');
  const { destination: url } = bench.target;
  await bench.note(
    'create-unreachable',
    'What if the destination does not answer the test message?',
    async () => refusal(await bench.post({ url: 'https://hookwright-live.invalid/' })),
  );
  await bench.note('get-unknown', 'GET of an unknown webhook', async () => refusal(await bench.get(unknown)));
  await bench.note('put-unknown', 'PUT of an unknown webhook', async () =>
    refusal(await bench.put(unknown, { name: bench.name(), url })),
  );
  await bench.note('delete-unknown', 'DELETE of an unknown webhook', async () =>
    refusal(await bench.delete(unknown)),
  );
  await bench.note('delete-answer', 'What does DELETE answer?', async () => {
    const reply = await bench.delete(await bench.create());
    if (!reply.ok) return refusal(reply);
    const { result } = reply.body;
    const form =
      result === undefined
        ? 'no result'
        : result === null
          ? 'result: null'
          : `result: ${Object.keys(reply.result).join(', ')}`;
    return `${reply.status}, ${form}`;
  });
  await bench.note('policy-unknown', 'GET of an unknown policy', async () =>
    refusal(await bench.api.send('GET', `/policies/${unknown}`)),
  );
  await bench.note('account-malformed', 'Any request for a malformed account id', async () =>
    refusal(await bench.api.sendTo('no-such-account', 'GET', '/destinations/webhooks')),
  );
}
