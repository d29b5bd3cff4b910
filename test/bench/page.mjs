import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';

const page = new URL('../../docs/performance.md', import.meta.url);

/** Changes the text between the markers of this name in docs/performance.md and formats the page. */
export async function changeBetween(name, change) {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const whole = readFileSync(page, 'utf8');
  const [from, to] = [whole.indexOf(start) + start.length, whole.indexOf(end)];
  const changed = `${whole.slice(0, from)}\n\n${change(whole.slice(from, to))}\n\n${whole.slice(to)}`;
  const options = await resolveConfig(page);
  writeFileSync(page, await format(changed, { ...options, parser: 'markdown' }));
}
