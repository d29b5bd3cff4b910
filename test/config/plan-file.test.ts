import { describe, expect, test } from '@jest/globals';
import { savedDocument, sha256 } from '../../src/cli/digest.js';
import { Redactor } from '../../src/core/redactor.js';
import { parsePlanFile } from '../../src/config/plan-file.js';
import { account, desired } from '../support/core/builders.js';
import { planOf } from '../support/core/planning.js';

const saved = savedDocument(
  { accounts: [planOf(account([desired('Ops')]), [])], failures: [] },
  '/repo',
  new Redactor(),
);
const read = (content: unknown) =>
  parsePlanFile(
    'plan.json',
    Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)),
    sha256,
  );

test('what was saved is read again, digest and all', () => {
  expect(read(saved)).toEqual(saved);
  expect(read(JSON.stringify(saved, null, 8))).toEqual(saved);
});

describe('refused, with the reason and the way on', () => {
  test.each<[string, unknown, string]>([
    ['no JSON', 'accounts: []', 'it is not whole JSON.'],
    ['cut', JSON.stringify(saved).slice(0, -9), 'it is not whole JSON.'],
    ['null', 'null', 'it is not whole JSON.'],
    ['some other document', { name: 'hookwright' }, 'it is no plan: it has no format_version.'],
    [
      'of a later version',
      { ...saved, format_version: 2 },
      'it has format_version 2, and this hookwright reads 1.',
    ],
    [
      'with a part missing',
      { ...saved, accounts: undefined },
      "it is no saved plan ( must have required property 'accounts').",
    ],
    [
      'with a part of another kind',
      { ...saved, accounts: 7 },
      'it is no saved plan (/accounts must be array).',
    ],
    ['without a digest', { ...saved, digest: undefined }, 'its content does not fit its digest'],
    ['with another digest', { ...saved, digest: sha256('') }, 'its content does not fit its digest'],
    [
      'changed where the digest does not look',
      { ...saved, summary: { ...saved.summary, ignored: 9 } },
      'its content does not fit its digest',
    ],
  ])('%s', (_, content, why) => {
    const failing = (): unknown => read(content);
    expect(failing).toThrow(`plan.json cannot be used: ${why}`);
    expect(failing).toThrow('hookwright plan --out FILE');
  });

  test('not there', () => {
    expect(() => parsePlanFile('plan.json', undefined, sha256)).toThrow('there is no such file');
  });
});
