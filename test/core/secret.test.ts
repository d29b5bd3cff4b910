import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import { revealed, Secret } from '../../src/core/secret.js';

const secret = new Secret('canary');

test.each<[string, string]>([
  ['String()', String(secret)],
  ['a template', `value: ${secret as unknown as string}`],
  ['a concatenation', ''.concat(secret as unknown as string)],
  ['JSON', JSON.stringify({ secret })],
  ['inspect, which is what console.log prints', inspect({ secret }, { showHidden: true, depth: 9 })],
  ['its own keys', JSON.stringify(Object.entries(secret))],
])('%s does not show it', (_, shown) => {
  expect(shown).not.toContain('canary');
});

test('only who asks for the value gets it', () => {
  expect(secret.reveal()).toBe('canary');
  expect([revealed(secret), revealed('plain')]).toEqual(['canary', 'plain']);
});
