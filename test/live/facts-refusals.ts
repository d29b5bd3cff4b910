import { randomBytes } from 'node:crypto';
import { refusal, type Workbench } from './workbench.js';

/** Responds to a GET with 2xx, and to a POST with 4xx. */
export const ANSWERS_4XX = 'https://www.cloudflare.com/cdn-cgi/trace';

/** Reports rate limits and denials that the run happened to meet. */
export async function observeChance(bench: Workbench): Promise<void> {
  await bench.note('rate-status', 'Which status does a rate-limited response have?', () =>
    bench.api.rateStatuses.size === 0 ? 'not met' : [...bench.api.rateStatuses].sort().join(', '),
  );
  await bench.note('denied-by-chance', 'Was the valid token ever denied?', () =>
    bench.api.deniedByChance > 0 ? 'yes' : 'no',
  );
}

/** Observes how the API refuses requests. */
export async function observeRefusals(bench: Workbench): Promise<void> {
  const unknown = randomBytes(16).toString('hex');
  const { destination: url } = bench.target;
  await bench.note(
    'create-unreachable',
    'What if the destination does not respond to the test message?',
    async () => refusal(await bench.post({ url: 'https://hookwright-live.invalid/' })),
  );
  await bench.note('create-4xx', 'What if it responds to the test message with 4xx?', async () =>
    refusal(await bench.post({ url: ANSWERS_4XX })),
  );
  await bench.note('get-unknown', 'GET of an unknown webhook', async () => refusal(await bench.get(unknown)));
  await bench.note('put-unknown', 'PUT of an unknown webhook', async () =>
    refusal(await bench.put(unknown, { name: bench.name(), url })),
  );
  await bench.note('delete-unknown', 'DELETE of an unknown webhook', async () =>
    refusal(await bench.delete(unknown)),
  );
  await bench.note('delete-answer', 'What does DELETE respond with?', async () => {
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
  await bench.note('account-malformed', 'Any request for a malformed account ID', async () =>
    refusal(await bench.api.sendTo('no-such-account', 'GET', '/destinations/webhooks')),
  );
}
