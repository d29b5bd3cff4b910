import { diskFiles } from '../config/disk.js';
import { SecretStore } from '../config/secrets/secret-store.js';
import type { Redactor } from '../core/redactor.js';
import type { Style } from '../text/style.js';
import type { Options } from './flags.js';
import type { Io } from './io.js';
import type { Output } from './output.js';

/** What a command is given. */
export type Run = {
  readonly argument?: string;
  readonly options: Options;
  readonly io: Io;
  readonly out: Output;
  /** For stdout. */
  readonly style: Style;
  /** Knows every secret that this run has come across. */
  readonly redactor: Redactor;
};

/** The values that this run's environment and files give. */
export function secretsOf({ io, redactor }: Run): SecretStore {
  const files = diskFiles(io);
  return new SecretStore(
    io.env,
    (path) => files.readFile(path),
    (secret) => redactor.add(secret),
  );
}
