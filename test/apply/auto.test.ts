import { expect, test } from '@jest/globals';
import type { Fault } from '../support/faults/faults.js';
import { account, desired } from '../support/core/builders.js';
import { run, type Wanted } from '../support/faults/run.js';
import { onScene, type SceneOptions } from '../support/faults/scene.js';

const URL_1 = 'https://ops.example/v1';
const URL_2 = 'https://ops.example/v2';
const WANTED: Wanted = {
  desired: account([desired('Ops', URL_2)], { strategy: { url: 'auto', secret: 'replace' } }),
};
const LIVE: SceneOptions = {
  quirks: { 'put-url': 'applied' },
  webhooks: [{ name: 'Ops', url: URL_1 }],
  policies: [{ name: 'A', uses: ['Ops'] }],
};

type Request = { readonly method: string; readonly path: string };
const isPut = ({ method, path }: Request): boolean => method === 'PUT' && path.includes('/webhooks/');

/** Runs it with a fault at the requests that fit; `once`: at the first of them. */
function play(fault: Fault, fits: (request: Request, putSeen: boolean) => boolean, once = false) {
  return onScene(LIVE, async ({ emulator, how, only, usedBy, invariants }) => {
    let hits = 0;
    let putSeen = false;
    emulator.fault = (request) => {
      const hit = fits(request, putSeen) && !(once && hits > 0);
      putSeen ||= isPut(request);
      hits += hit ? 1 : 0;
      return hit ? fault : undefined;
    };
    const { exit, result } = await run(emulator, WANTED, { ...how, retries: 1 });
    const posts = emulator.writes().filter(({ method }) => method === 'POST').length;
    const { status, did, error, wrote } = result.outcomes[0] ?? {};
    const { url } = only('Ops');
    return {
      exit,
      status,
      did,
      error: error?.code,
      wrote,
      posts,
      url,
      users: usedBy('A'),
      broken: invariants.finish(),
    };
  });
}

test('a PUT that was refused is not the end: the webhook is replaced', async () => {
  expect(await play('success-false-200', isPut, true)).toEqual({
    exit: 0,
    status: 'applied',
    did: undefined,
    error: undefined,
    wrote: true,
    posts: 1,
    url: URL_2,
    users: ['Ops'],
    broken: [],
  });
});

test('a PUT that may not be sent at all is the end: a POST could do no better', async () => {
  expect(await play('403', isPut)).toMatchObject({
    exit: 7,
    status: 'failed',
    error: 'access-denied',
    wrote: false,
    posts: 0,
    url: URL_1,
    users: ['Ops'],
  });
});

test('where nobody can tell whether the url moved, nothing more is done', async () => {
  const after = ({ method }: Request, putSeen: boolean): boolean => method === 'GET' && putSeen;
  expect(await play('500-before', after)).toMatchObject({
    status: 'unknown',
    wrote: true,
    posts: 0,
    users: ['Ops'],
  });
});
