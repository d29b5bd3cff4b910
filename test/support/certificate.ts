import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';

export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** Creates a certificate for `api.hookwright.test` in the directory. Returns the paths of the two files. */
export function selfSigned(directory: string): { readonly key: string; readonly cert: string } {
  const [key, cert] = [path.join(directory, 'key.pem'), path.join(directory, 'cert.pem')];
  const subject = ['-subj', '/CN=api.hookwright.test', '-addext', 'subjectAltName=DNS:api.hookwright.test'];
  const files = ['-keyout', key, '-out', cert];
  const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...files, ...subject];
  execFileSync('openssl', args, { stdio: 'ignore' });
  return { key, cert };
}
