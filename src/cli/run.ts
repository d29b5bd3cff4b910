import manifest from '../../package.json' with { type: 'json' };
import { diskFiles } from '../config/disk.js';
import { SecretStore } from '../config/secrets/secret-store.js';
import type { ExitCode } from '../core/exit-codes.js';
import type { Redactor } from '../text/redactor.js';
import type { Style } from '../text/style.js';
import type { FileVariables, FlagName, Options } from './flags.js';
import type { Io, Output } from './io.js';

/** The version of this package. Not beside the connection, because `validate` and `--help` must not load HTTP. */
export const VERSION: string = manifest.version;

/** A command: what help says about it, its flags, and what it does. */
export type Command = {
  readonly name: string;
  readonly argument?: {
    readonly name: string;
    readonly about: string;
    readonly required: boolean;
    /** It can be repeated. */
    readonly several?: true;
    readonly choices?: readonly string[];
    /** Shell completions where there are too many values for help. */
    readonly suggestions?: () => Promise<readonly string[]>;
  };
  readonly about: string;
  readonly flags: readonly FlagName[];
  readonly examples: readonly string[];
  /** What help prints with `--all` after the flags. */
  readonly details?: () => string;
  /** Loads the code that only this command needs. */
  readonly load: () => Promise<(run: Run) => Promise<ExitCode>>;
};

/** The context of a run of a command. */
export type Run = {
  /** Every command, for completion. */
  readonly commands: readonly Command[];
  /** Runs another command line; the demo uses it. */
  readonly main: (argv: readonly string[], io: Io) => Promise<ExitCode>;
  /**
   * What follows the name of the command, without flags: nothing, one, or several if the command takes several.
   */
  readonly args: readonly string[];
  readonly options: Options;
  readonly io: Io;
  readonly out: Output;
  /** For stdout. */
  readonly style: Style;
  /** Has every secret that the files of this run name, whether it was read or not. */
  readonly redactor: Redactor;
  readonly fileVariables: FileVariables;
};

/** Returns the values that the environment and files of this run provide. */
export function secretsOf({ io, options, redactor }: Run): SecretStore {
  const files = diskFiles(io);
  return new SecretStore(
    io.env,
    (path) => files.readFile(path),
    options.envAllow,
    (secret) => redactor.add(secret.reveal()),
  );
}
