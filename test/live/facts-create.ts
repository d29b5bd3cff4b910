import { pause, type Reply } from './api.js';
import { refusal, type Workbench } from './workbench.js';

/** Observes the response to a create, and what is read back. Throws if no webhook can be created at all. */
export async function observeCreate(bench: Workbench): Promise<void> {
  const sentBefore = bench.target.receiver?.testMessages() ?? 0;
  const name = bench.name();
  const made = await bench.post({ name, secret: 'first-secret' });
  const id = made.result['id'];
  if (!made.ok || typeof id !== 'string') throw new Error(`a webhook could not be created: ${refusal(made)}`);
  await bench.note('list-after-create', 'How soon does the list show a new webhook?', () =>
    appears(bench, id),
  );
  const read = await bench.get(id);
  await bench.note(
    'create-answer',
    'What does POST respond with?',
    () => `${made.status}, result: ${keys(made.result)}`,
  );
  await bench.note('create-test', 'Does POST send a test message?', () =>
    bench.target.receiver ? yes(bench.target.receiver.testMessages() > sentBefore) : 'not observable here',
  );
  await bench.note('ids', 'How are IDs written?', () => (id.includes('-') ? 'dashed' : 'dashless'));
  await bench.note('ids-accepted', 'Are IDs accepted with and without dashes?', () => bothForms(bench, id));
  await bench.note('read-keys', 'Which fields does a webhook have?', () => keys(read.result));
  await bench.note('secret-shown', 'Is the secret ever shown?', () => yes('secret' in read.result));
  await bench.note('test-counts', 'Does the test message of a create count as a success?', () =>
    yes(read.result['last_success'] !== null && read.result['last_success'] !== undefined),
  );
  await bench.note('created-digits', 'How many fractional digits does created_at have?', () => {
    const digits = /\.(\d+)/.exec(String(read.result['created_at']))?.[1]?.length ?? 0;
    return digits <= 6 ? 'at most 6' : String(digits);
  });
  await bench.note('list-info', 'Is the list divided into pages?', async () =>
    (await bench.list()).body['result_info'] === undefined ? 'no result_info' : 'result_info is there',
  );
  await bench.note('eligible-shape', 'How does destinations/eligible return a mechanism?', async () => {
    const { result } = await bench.api.send('GET', '/destinations/eligible');
    const { webhooks } = result;
    return Array.isArray(webhooks) ? 'as a list' : webhooks === undefined ? 'not at all' : 'as an object';
  });
}

/** Observes which URLs and bodies a create accepts. */
export async function observeAcceptance(bench: Workbench): Promise<void> {
  await bench.note('http-url', 'Are http: URLs accepted?', async () => {
    const url = new URL(bench.target.destination);
    url.protocol = 'http:';
    const reply = await bench.post({ url: url.href });
    return reply.ok ? 'yes' : `no: ${refusal(reply)}`;
  });
  await bench.note('type-in-body', 'Is a type in the body of POST used?', async () => {
    const reply = await bench.post({ type: 'slack' });
    if (!reply.ok) return `refused: ${refusal(reply)}`;
    const { result } = await bench.get(String(reply.result['id']));
    return result['type'] === 'slack' ? 'honored' : 'ignored';
  });
  const name = bench.name();
  const url = bench.otherUrl();
  await bench.note('duplicate-urls', 'Can two webhooks have the same URL?', async () => {
    await bench.create({ name, url });
    return allowed(await bench.post({ url }));
  });
  await bench.note('duplicate-names', 'Can two webhooks have the same name?', async () =>
    allowed(await bench.post({ name })),
  );
}

function allowed(reply: Reply): string {
  return reply.ok ? 'allowed' : `refused: ${refusal(reply)}`;
}

async function appears(bench: Workbench, id: string): Promise<string> {
  const start = Date.now();
  for (let tries = 1; ; tries += 1) {
    const { list } = await bench.list();
    if (list.some((webhook) => webhook['id'] === id)) return tries === 1 ? 'at once' : 'later';
    if (Date.now() - start > 10_000) return 'not within 10 s';
    await pause(50);
  }
}

async function bothForms(bench: Workbench, id: string): Promise<string> {
  const bare = id.replaceAll('-', '');
  const dashed = bare.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const [one, other] = await Promise.all([bench.get(bare), bench.get(dashed)]);
  if (one.ok && other.ok) return 'yes';
  return one.ok ? `only without dashes: ${refusal(other)}` : `only with dashes: ${refusal(one)}`;
}

function keys(object: Reply['result']): string {
  return Object.keys(object).sort().join(', ') || 'nothing';
}

function yes(holds: boolean): string {
  return holds ? 'yes' : 'no';
}
