import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import path from 'node:path';
import { emptyFolder } from '../support/cli.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const HOST = 'raw.githubusercontent.com';

/** GitHub's host for raw files, as far as our schemas go, behind a proxy that leads nowhere else. */
export async function serveSchemas(): Promise<{
  readonly proxy: string;
  /** A file with the certificate of the authority. */
  readonly authority: string;
  /** The hosts that were asked for. */
  readonly asked: () => readonly string[];
  readonly stop: () => Promise<void>;
}> {
  const folder = await emptyFolder();
  const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
  const subject = ['-subj', `/CN=${HOST}`, '-addext', `subjectAltName=DNS:${HOST}`];
  const files = ['-keyout', key, '-out', cert];
  spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...files, ...subject]);

  const site = createHttpsServer(
    { key: await readFile(key), cert: await readFile(cert) },
    (request, response) => {
      const [, file = ''] =
        /^\/hookwright\/hookwright\/v0\/(schemas\/\w+\.schema\.json)$/.exec(request.url ?? '') ?? [];
      void readFile(path.join(ROOT, file || 'none')).then(
        (text) => response.end(text),
        () => response.writeHead(404).end(),
      );
    },
  );
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const proxy = createServer().on('connect', (request, socket: Socket) => {
    asked.push(request.url ?? '');
    const { port } = site.address() as AddressInfo;
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    for (const each of [socket, upstream]) sockets.add(each.on('error', () => undefined));
  });
  for (const server of [site, proxy]) await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    authority: cert,
    asked: () => [...new Set(asked)],
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      site.close();
      proxy.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
