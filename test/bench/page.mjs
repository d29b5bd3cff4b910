import { readFileSync, writeFileSync } from 'node:fs';

const page = new URL('../../docs/performance.md', import.meta.url);

/** Puts a text between the markers of this name in docs/performance.md, if it has them. */
export function writeBetween(name, text) {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const whole = readFileSync(page, 'utf8');
  const [from, to] = [whole.indexOf(start), whole.indexOf(end)];
  if (from < 0 || to < 0) return;
  writeFileSync(page, `${whole.slice(0, from)}${start}\n\n${text}\n\n${whole.slice(to)}`);
}
