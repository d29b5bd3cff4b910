import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import { revealed, Secret } from '../../src/core/secret.js';

const secret = new Secret('canary');

test.each<[string, string]>([
  ['String()', String(secret)],
  ['a template', `value: ${secret as unknown as string}`],
  ['join', ['', secret].join('')],
  ['JSON', JSON.stringify({ secret })],
  ['inspect, which is what console.log prints', inspect(secret)],
  ['inspect of what it lies in', inspect({ deep: [secret] }, { showHidden: true, depth: 9 })],
])('%s says that something is there, not what', (_, shown) => {
  expect(shown).toContain('(sensitive)');
  expect(shown).not.toContain('canary');
});

test('its properties do not hold it', () => {
  expect(JSON.stringify(Object.getOwnPropertyDescriptors(secret))).not.toContain('canary');
  expect(Object.values(secret)).toEqual([]);
});

test('only who asks for the value gets it', () => {
  expect(secret.reveal()).toBe('canary');
  expect([revealed(secret), revealed('plain')]).toEqual(['canary', 'plain']);
});
