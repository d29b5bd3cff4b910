import { writeFile } from 'node:fs/promises';
import { afterAll, expect, test } from '@jest/globals';
import { factTable, observe } from './observe.js';
import { targetFrom } from './target.js';
import { Workbench } from './workbench.js';

// `npm run test:live` sets it. Without it, nothing is sent anywhere.
const live = process.env['HOOKWRIGHT_LIVE'] === '1';
const benches: Workbench[] = [];

afterAll(async () => {
  for (const bench of benches) await bench.clear();
}, 120_000);

(live ? test : test.skip)(
  'Cloudflare itself, with webhooks that this test creates and removes',
  async () => {
    const bench = new Workbench(targetFrom(process.env));
    benches.push(bench);
    const facts = await observe(bench);
    const table = factTable(facts);
    process.stdout.write(`\n${table}\n\n`);
    const report = process.env['HOOKWRIGHT_LIVE_REPORT'];
    if (report) await writeFile(report, `${table}\n`);
    expect(facts.filter(({ observed }) => observed.startsWith('not observed'))).toEqual([]);
  },
  900_000,
);
