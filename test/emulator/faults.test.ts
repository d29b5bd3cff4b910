import http from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Emulator } from '../../src/emulator/emulator.js';
import { FAULTS, faultAt, type Fault } from '../support/faults/faults.js';
import { ACCOUNT, WEBHOOKS, ask, create, emulate, stopAll } from './api.js';

afterEach(stopAll);

const BODY = { name: 'a', url: 'https://a.example/' };

type Seen = { readonly status: number; readonly headers: http.IncomingHttpHeaders; readonly text: string };

/** Sends a create over a raw connection; rejects if it breaks or there is no response for a while. */
function post(emulator: Emulator, patience = 150): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const options = {
      method: 'POST',
      headers: { authorization: 'Bearer token' },
      agent: false,
      timeout: patience,
    };
    const request = http.request(emulator.url + WEBHOOKS, options, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += String(chunk)));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    });
    request.on('timeout', () => request.destroy(new Error('timeout')));
    request.on('error', reject);
    request.end(JSON.stringify(BODY));
  });
}

function withFault(fault: Fault): Promise<Emulator> {
  return emulate({ fault: faultAt(1, fault) });
}

describe('every fault', () => {
  test.each(FAULTS.map((row) => [row.name, row] as const))('%s', async (name, row) => {
    const emulator = await withFault({ name, milliseconds: 50, bytes: 1_000_000 });
    const seen = await post(emulator).catch(() => undefined);
    // Checks that the table is right about the effect and about what the client gets.
    expect(emulator.account(ACCOUNT).webhooks).toHaveLength(row.effect ? 1 : 0);
    const whole = row.status !== 'none' && name !== 'cut-after';
    expect(seen !== undefined).toBe(whole);
    const status = row.status === 'same' ? 201 : row.status;
    if (seen) expect(seen.status).toBe(status);
    expect(emulator.requests).toMatchObject([{ n: 1, method: 'POST', fault: name, body: BODY }]);
    expect(emulator.requests[0]?.effect ?? false).toBe(row.effect);
    expect(emulator.requests[0]?.status).toBe(status === 'none' ? undefined : status);
    // The next request is not affected.
    expect((await ask(emulator, 'POST', WEBHOOKS, BODY)).status).toBe(201);
  });
});

describe('in particular', () => {
  test.each(['reset-before', 'reset-after'] as const)('%s resets the connection', async (fault) => {
    const emulator = await withFault(fault);
    await expect(post(emulator)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('hang-after sends nothing until the client gives up', async () => {
    const emulator = await withFault('hang-after');
    await expect(post(emulator)).rejects.toThrow('timeout');
  });

  test('cut-after sends the headers and half of the body', async () => {
    const emulator = await withFault('cut-after');
    await expect(post(emulator)).rejects.toThrow('aborted');
  });

  test.each([
    ['500-after', 'application/json', '"success":false'],
    ['502-html-before', 'text/html; charset=UTF-8', '<title>api.cloudflare.com | 502: Bad gateway</title>'],
    ['520-html-after', 'text/html; charset=UTF-8', 'Web server is returning an unknown error'],
    ['garbage', 'text/plain', 'upstream says: OK'],
    ['success-false-200', 'application/json', '"success":false'],
    ['null-result', 'application/json', '{"success":true,"errors":[],"messages":[],"result":null}'],
    ['403', 'application/json', '"code":10000'],
  ] as const)('%s', async (fault, type, text) => {
    const seen = await post(await withFault(fault));
    expect(seen.headers['content-type']).toBe(type);
    expect(seen.headers['cf-ray']).toBeDefined();
    expect(seen.text).toContain(text);
  });

  test('no-success has a result but no success field', async () => {
    const seen = await post(await withFault('no-success'));
    expect(JSON.parse(seen.text)).toEqual({ result: { id: expect.any(String) } });
  });

  test('429 has retry-after, 429-bare does not', async () => {
    expect((await post(await withFault({ name: '429', retryAfter: 7 }))).headers['retry-after']).toBe('7');
    expect((await post(await withFault('429-bare'))).headers).not.toHaveProperty('retry-after');
  });

  test.each(['redirect-302', 'redirect-307'] as const)('%s points elsewhere', async (name) => {
    const location = 'http://127.0.0.1:9/elsewhere';
    expect((await post(await withFault({ name, location }))).headers.location).toBe(location);
  });

  test('huge-body continues until the client disconnects', async () => {
    const emulator = await withFault('huge-body');
    const controller = new AbortController();
    const init = { method: 'POST', body: JSON.stringify(BODY), headers: { authorization: 'Bearer t' } };
    const response = await fetch(emulator.url + WEBHOOKS, { ...init, signal: controller.signal });
    let length = 0;
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      if (length > 4_000_000) break;
    }
    controller.abort();
    expect(length).toBeGreaterThan(4_000_000);
  });

  test('slow sends the whole correct response', async () => {
    const emulator = await withFault({ name: 'slow', milliseconds: 60 });
    const started = performance.now();
    const seen = await post(emulator, 1000);
    expect(performance.now() - started).toBeGreaterThan(40);
    expect(JSON.parse(seen.text)).toMatchObject({ success: true, result: { id: expect.any(String) } });
  });

  test('the rule sees the request, and can be changed between requests', async () => {
    const emulator = await emulate({ fault: ({ method }) => (method === 'DELETE' ? '403' : undefined) });
    const id = await create(emulator, 'a', BODY.url);
    expect((await ask(emulator, 'DELETE', `${WEBHOOKS}/${id}`)).status).toBe(403);
    emulator.fault = undefined;
    expect((await ask(emulator, 'DELETE', `${WEBHOOKS}/${id}`)).status).toBe(200);
  });

  test('a fault on a read changes nothing', async () => {
    const emulator = await emulate({ fault: faultAt(1, 'null-result') });
    expect((await ask(emulator, 'GET', WEBHOOKS)).body).toMatchObject({ success: true, result: null });
    expect(emulator.requests[0]).not.toHaveProperty('effect');
  });

  test('names are unique', () => {
    expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length);
  });
});
