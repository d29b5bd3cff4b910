import { expect, test } from '@jest/globals';
import type { Strategy } from '../../src/core/desired.js';
import type { Quirks } from '../../src/emulator/quirks.js';
import { account, desired, envSecret } from '../support/core/builders.js';
import { missing } from '../support/faults/laws.js';
import { planOnly, run, type Wanted } from '../support/faults/run.js';
import { onScene, type SceneOptions } from '../support/faults/scene.js';

const OPEN = ['https://open.example/v1', 'https://open.example/v2'] as const;
const KEYED = ['https://keyed.example/v1', 'https://keyed.example/v2'] as const;
const ROTATED = 'https://rotated.example/';
const RENAMED = 'https://renamed.example/';

function wanted(strategy: Strategy, version: number): Wanted['desired'] {
  return account(
    [
      desired('Open', OPEN[1], { secret: { kind: 'none' } }),
      desired('Keyed', KEYED[1], { secret: envSecret(1, 'KEYED') }),
      desired('Rotated', ROTATED, { secret: envSecret(version, 'ROTATED') }),
      desired('Renamed', RENAMED, { secret: envSecret(1, 'RENAMED'), previously: ['Before'] }),
    ],
    { strategy },
  );
}

function scene(quirks: Partial<Quirks>): SceneOptions {
  return {
    quirks,
    webhooks: [
      { name: 'Open', url: OPEN[0] },
      { name: 'Keyed', url: KEYED[0], secret: 'keyed' },
      { name: 'Rotated', url: ROTATED, secret: 'old' },
      { name: 'Before', url: RENAMED, secret: 'renamed' },
    ],
    policies: [
      { name: 'All', uses: ['Open', 'Keyed', 'Rotated', 'Before'], email: ['a@example.com'] },
      { name: 'One', uses: ['Keyed'] },
    ],
    invariants: {
      secrets: new Map([
        [KEYED[1], ['keyed']],
        [ROTATED, ['new']],
        [RENAMED, ['renamed']],
      ]),
      destination: ({ name }) =>
        name.replace(/ \[hookwright: replaces [0-9a-f]{8}\]$/, '').replace('Before', 'Renamed'),
    },
  };
}

const worlds = (['kept', 'applied'] as const).flatMap((putUrl) =>
  (['kept', 'applied', 'cleared'] as const).map((putSecret) => ({ putUrl, putSecret })),
);
const strategies = (['replace', 'in-place'] as const).flatMap((url) =>
  (['replace', 'in-place'] as const).map((secret) => ({ url, secret })),
);
const cases = worlds.flatMap((world) => strategies.map((strategy) => ({ ...world, ...strategy })));

test.each(cases)(
  'PUT: url $putUrl, secret $putSecret; strategy: url $url, secret $secret',
  ({ putUrl, putSecret, url, secret }) =>
    onScene(scene({ 'put-url': putUrl, 'put-secret': putSecret }), async (s) => {
      const values = { KEYED: 'keyed', ROTATED: 'new', RENAMED: 'renamed' };
      const strategy: Strategy = { url, secret };
      const before = { desired: wanted(strategy, 2), previous: wanted(strategy, 1), values };
      const after = { ...before, previous: before.desired };
      const { exit, result } = await run(s.emulator, before, s.how);
      const outcome = (name: string) => result.outcomes.find((each) => each.name === name);

      // An impossible change fails. An ignored secret cannot be distinguished from one that was set.
      const stuck = url === 'in-place' && putUrl === 'kept' ? ['Keyed', 'Open'] : [];
      const deceived = secret === 'in-place' && putSecret === 'kept' ? ['Rotated'] : [];
      const wrong = missing(s.emulator, before).map((what) => what.split(' ')[0]);
      expect(wrong.sort()).toEqual([...stuck, ...deceived].sort());
      expect(exit).toBe(stuck.length > 0 ? 4 : 0);
      for (const name of stuck) {
        expect(outcome(name)).toMatchObject({ status: 'failed', error: { code: 'not-moved' } });
      }
      expect(outcome('Rotated')).toMatchObject({ status: 'applied' });
      expect(outcome('Rotated')?.note?.includes('cannot be verified') ?? false).toBe(secret === 'in-place');

      expect(s.usedBy('All')).toEqual(['Keyed', 'Open', 'Renamed', 'Rotated']);
      expect(s.invariants.finish()).toEqual([]);
      const { accounts } = await planOnly(s.emulator, after, s.how);
      expect(accounts.flatMap(({ actions }) => actions.map(({ name }) => name)).sort()).toEqual(stuck);
    }),
);
