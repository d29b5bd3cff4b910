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
