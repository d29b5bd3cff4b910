import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';

export const CHROMIUM = '/usr/bin/chromium';

type Message = {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
};

export type View = { readonly width: number; readonly theme: 'light' | 'dark' };

/** A tab of a headless Chromium, controlled over a pipe, without a port. */
export type Tab = {
  /** Opens the address and waits until it is loaded. */
  readonly open: (url: string, view: View) => Promise<void>;
  /** Returns the value of an expression in the page. */
  readonly read: <T>(expression: string) => Promise<T>;
  /** Returns the whole page as PNG. */
  readonly picture: () => Promise<Buffer>;
  /** Every address requested since the page was opened. */
  readonly requests: readonly string[];
  readonly close: () => Promise<void>;
};

/** Uses https://chromedevtools.github.io/devtools-protocol/ over --remote-debugging-pipe. */
export async function openTab(): Promise<Tab> {
  const profile = await mkdtemp(path.join(tmpdir(), 'hookwright-chromium-'));
  const child = spawn(
    CHROMIUM,
    [
      ...[
        '--headless=new',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-dev-shm-usage',
        '--remote-debugging-pipe',
      ],
      ...['--no-first-run', '--disable-background-networking', `--user-data-dir=${profile}`],
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
  );
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const input = child.stdio[3] as Writable;
  const waiting = new Map<number, { done: (message: Message) => void }>();
  const requests: string[] = [];
  let loaded: (() => void) | undefined;
  let last = 0;
  let rest = '';
  (child.stdio[4] as Readable).setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\0');
    rest = parts.pop() ?? '';
    for (const part of parts) receive(JSON.parse(part) as Message);
  });

  function receive(message: Message): void {
    if (message.id !== undefined) waiting.get(message.id)?.done(message);
    if (message.method === 'Page.loadEventFired') loaded?.();
    const request = message.params?.['request'] as { readonly url: string } | undefined;
    if (message.method === 'Network.requestWillBeSent' && request) requests.push(request.url);
  }

  async function send(
    method: string,
    params: object = {},
    sessionId?: string,
  ): Promise<Record<string, unknown>> {
    const id = (last += 1);
    const answer = new Promise<Message>((done) => waiting.set(id, { done }));
    input.write(`${JSON.stringify({ id, method, params, ...(sessionId && { sessionId }) })}\0`);
    const { result, error } = await answer;
    waiting.delete(id);
    if (error) throw new Error(`${method}: ${error.message}`);
    return { ...result };
  }

  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  const tell = (method: string, params?: object): Promise<Record<string, unknown>> =>
    send(method, params, String(sessionId));
  await tell('Page.enable');
  await tell('Network.enable');
  return {
    requests,
    open: async (url, { width, theme }) => {
      await tell('Emulation.setDeviceMetricsOverride', {
        width,
        height: 800,
        deviceScaleFactor: 1,
        mobile: width < 600,
      });
      await tell('Emulation.setEmulatedMedia', {
        features: [{ name: 'prefers-color-scheme', value: theme }],
      });
      const load = new Promise<void>((resolve) => (loaded = resolve));
      requests.length = 0;
      await tell('Page.navigate', { url });
      await load;
    },
    read: async <T>(expression: string) => {
      const { result, exceptionDetails } = await tell('Runtime.evaluate', {
        expression,
        returnByValue: true,
      });
      if (exceptionDetails) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
      return (result as { readonly value: T }).value;
    },
    picture: async () => {
      const { data } = await tell('Page.captureScreenshot', { format: 'png', captureBeyondViewport: true });
      return Buffer.from(String(data), 'base64');
    },
    close: async () => {
      child.kill();
      await closed;
      await rm(profile, { recursive: true, force: true });
    },
  };
}
