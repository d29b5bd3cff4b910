import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import { revealed, Secret } from '../../src/core/secret.js';

const secret = new Secret('canary');

test.each<[string, string]>([
  ['String()', String(secret)],
  ['a template', `value: ${secret as unknown as string}`],
  ['join', ['', secret].join('')],
  ['JSON', JSON.stringify({ secret })],
  ['inspect, which console.log uses', inspect(secret)],
  ['inspect of an object that contains it', inspect({ deep: [secret] }, { showHidden: true, depth: 9 })],
])('%s shows that there is a secret, but not its value', (_, shown) => {
  expect(shown).toContain('(sensitive)');
  expect(shown).not.toContain('canary');
});

test('its properties do not contain it', () => {
  expect(JSON.stringify(Object.getOwnPropertyDescriptors(secret))).not.toContain('canary');
  expect(Object.values(secret)).toEqual([]);
});

test('only reveal returns the value', () => {
  expect(secret.reveal()).toBe('canary');
  expect([revealed(secret), revealed('plain')]).toEqual(['canary', 'plain']);
});
