import { refusal, type Workbench } from './workbench.js';

const LENGTHS = [64, 100, 128, 200, 255, 256, 300];

/** Observes how unusual names are stored. Renames a webhook, so that no channel gets many messages. */
export async function observeNames(bench: Workbench): Promise<void> {
  const { destination: url } = bench.target;
  const id = await bench.create();
  const rename = async (name: string): Promise<string> => {
    const reply = await bench.put(id, { name, url });
    if (!reply.ok) return `refused: ${refusal(reply)}`;
    const now = (await bench.readUntil(id, (webhook) => webhook['name'] === name))['name'];
    if (now === name) return 'kept';
    return now === name.trim() ? 'trimmed' : 'changed';
  };
  await bench.note('name-length', `How long may a name be (${LENGTHS.join(', ')} characters)?`, async () => {
    let longest = 0;
    for (const length of LENGTHS) {
      const said = await rename(bench.name().padEnd(length, 'x'));
      if (said !== 'kept') return `${longest}; with ${length} it is ${said}`;
      longest = length;
    }
    return `${longest} at least`;
  });
  await bench.note('name-spaces', 'What happens to spaces around a name?', () => rename(`${bench.name()} `));
  await bench.note('name-unicode', 'What happens to emoji and quotes in a name?', () =>
    rename(bench.name(' 🚨 "é" \\ <b>')),
  );
  await bench.note('name-marker', 'Is the name of an unfinished replacement accepted?', () =>
    rename(bench.name(' [hookwright: replaces 0a1b2c3d]')),
  );
}
