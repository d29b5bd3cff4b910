import { diskFiles } from '../config/disk.js';
import { SecretStore } from '../config/secrets/secret-store.js';
import type { Run } from './run.js';

/** The values that this run's environment and files give. */
export function secretsOf({ io, redactor }: Run): SecretStore {
  const files = diskFiles(io);
  return new SecretStore(
    io.env,
    (path) => files.readFile(path),
    (secret) => redactor.add(secret),
  );
}
