import { refusal, type Workbench } from './workbench.js';

const NOT_OBSERVABLE = 'not observable here';

/** Observes what a PUT changes. */
export async function observePut(bench: Workbench): Promise<void> {
  const { destination: url } = bench.target;
  await bench.note('put-rename', 'Does PUT rename a webhook and keep its ID?', async () => {
    const id = await bench.create();
    const name = bench.name();
    const reply = await bench.put(id, { name, url });
    if (!reply.ok) return `refused: ${refusal(reply)}`;
    return (await bench.readUntil(id, (now) => now['name'] === name))['name'] === name ? 'yes' : 'no';
  });
  await bench.note('put-url', 'What does PUT do to the URL?', async () => {
    const [id, other] = [await bench.create(), bench.otherUrl()];
    const reply = await bench.put(id, { name: bench.name(), url: other });
    if (!reply.ok) return `refused: ${refusal(reply)}`;
    const now = await bench.readUntil(id, (webhook) => webhook['url'] === other);
    return now['url'] === other ? 'applied' : now['url'] === url ? 'kept' : 'something else';
  });
  await bench.note('put-unreachable', 'Is a PUT with an unreachable URL refused?', async () => {
    const id = await bench.create();
    return refusal(await bench.put(id, { name: bench.name(), url: 'https://hookwright-live.invalid/' }));
  });
  await observePutUnseen(bench);
}

/** Observes what only the receiver can see. */
async function observePutUnseen(bench: Workbench): Promise<void> {
  const { receiver, destination: url } = bench.target;
  await bench.note('put-test', 'Does a PUT that only renames send a test message?', async () => {
    if (!receiver) return NOT_OBSERVABLE;
    const id = await bench.create();
    const before = receiver.testMessages();
    await bench.put(id, { name: bench.name(), url });
    return receiver.testMessages() > before ? 'yes' : 'no';
  });
  const secretAfter = async (body: Readonly<Record<string, unknown>>): Promise<string> => {
    if (!receiver) return NOT_OBSERVABLE;
    const id = await bench.create({ secret: 'first-secret' });
    const reply = await bench.put(id, { name: bench.name(), url, ...body });
    if (!reply.ok) return `refused: ${refusal(reply)}`;
    const now = receiver.secretOf(id);
    return now === 'first-secret' ? 'kept' : now === 'second-secret' ? 'applied' : 'cleared';
  };
  await bench.note('put-secret', 'What does PUT with another secret do?', () =>
    secretAfter({ secret: 'second-secret' }),
  );
  await bench.note('put-no-secret', 'What does PUT without a secret do to the one that is set?', () =>
    secretAfter({}),
  );
}
