import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';

const page = new URL('../../docs/performance.md', import.meta.url);

/** Writes a text between the markers of this name in docs/performance.md and formats the page. Without markers, does nothing. */
export async function writeBetween(name, text) {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const whole = readFileSync(page, 'utf8');
  const [from, to] = [whole.indexOf(start), whole.indexOf(end)];
  if (from < 0 || to < 0) return;
  const changed = `${whole.slice(0, from)}${start}\n\n${text}\n\n${whole.slice(to)}`;
  const options = await resolveConfig(page);
  writeFileSync(page, await format(changed, { ...options, parser: 'markdown' }));
}
