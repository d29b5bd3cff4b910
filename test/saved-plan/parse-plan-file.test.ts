import { describe, expect, test } from '@jest/globals';
import { sha256 } from '../../src/saved-plan/digest.js';
import { savedDocument } from '../../src/saved-plan/encode.js';
import { parsePlanFile } from '../../src/saved-plan/decode.js';
import { account, desired } from '../support/core/builders.js';
import { planOf } from '../support/core/planning.js';

const saved = savedDocument({ accounts: [planOf(account([desired('Ops')]), [])], failures: [] }, '/repo');
const read = (content: unknown) =>
  parsePlanFile('plan.json', Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)));

test('a saved plan is read back with its digest', () => {
  expect(read(saved)).toEqual(saved);
  expect(read(JSON.stringify(saved, null, 8))).toEqual(saved);
});

describe('refused, with the reason and what to do', () => {
  test.each<[string, unknown, string]>([
    ['not JSON', 'accounts: []', 'it is not valid JSON; it may be truncated.'],
    ['truncated', JSON.stringify(saved).slice(0, -9), 'it is not valid JSON; it may be truncated.'],
    ['null', 'null', 'it is not valid JSON; it may be truncated.'],
    ['another document', { name: 'hookwright' }, 'it is not a plan: it has no "format_version".'],
    [
      'a later version',
      { ...saved, format_version: 2 },
      'its "format_version" is 2, but this version of hookwright reads 1.',
    ],
    [
      'with a part missing',
      { ...saved, accounts: undefined },
      "it is not a saved plan (must have required property 'accounts').",
    ],
    [
      'with a part of another type',
      { ...saved, accounts: 7 },
      'it is not a saved plan (/accounts must be array).',
    ],
    [
      'the output of plan --format json',
      { ...saved, checksum: undefined },
      'it is the output of "hookwright plan --format json" or a report, which leaves out what apply needs.',
    ],
    ['without a digest', { ...saved, digest: undefined }, 'its digest or checksum does not match'],
    ['with a different digest', { ...saved, digest: sha256('') }, 'its digest or checksum does not match'],
    [
      'changed outside the digest',
      { ...saved, summary: { ...saved.summary, ignored: 9 } },
      'its digest or checksum does not match',
    ],
  ])('%s', (_, content, why) => {
    const failing = (): unknown => read(content);
    expect(failing).toThrow(`plan.json cannot be used: ${why}`);
    expect(failing).toThrow('run: hookwright plan --out plan.json');
  });

  test('a missing file', () => {
    expect(() => parsePlanFile('plan.json', undefined)).toThrow('the file does not exist');
  });
});
