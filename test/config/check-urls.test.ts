import { expect, test } from '@jest/globals';
import { isPrivateHost } from '../../src/config/checks/check-urls.js';

test.each([
  ['https://localhost/', true],
  ['https://localhost./', true],
  ['https://nas/', true],
  ['https://printer.local/', true],
  ['https://printer.local./', true],
  ['https://ops.lan/', true],
  ['https://10.0.0.1/', true],
  ['https://192.168.1.7/', true],
  ['https://0x7f.1/', true],
  ['https://[::1]/', true],
  ['https://[fd00::1]/', true],
  ['https://8.8.8.8/', false],
  ['https://[2606:4700::1111]/', false],
  ['https://hooks.slack.com/', false],
  ['https://hooks.slack.com./', false],
  ['https://local.example/', false],
])('%s is private: %s', (url, isPrivate) => {
  expect(isPrivateHost(new URL(url))).toBe(isPrivate);
});
