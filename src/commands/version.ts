import { type Run, VERSION } from '../cli/run.js';
import { EXIT, type ExitCode } from '../core/exit-codes.js';
import { jsonText } from '../text/untrusted.js';

/** Prints the version; as JSON, also the details that a bug report needs. */
export function version({ options, out }: Run): Promise<ExitCode> {
  const { versions, platform, arch } = process;
  const document = { version: VERSION, node: versions.node, platform: `${platform}-${arch}` };
  out.result(options.format === 'json' ? jsonText(document) : VERSION);
  return Promise.resolve(EXIT.done);
}
