import { VERSION } from '../cli/run.js';
import type { Command, Run } from '../cli/run.js';
import { EXIT, type ExitCode } from '../core/exit-codes.js';
import { jsonText } from '../text/untrusted.js';

export const versionCommand: Command = {
  name: 'version',
  about: 'print the version',
  flags: ['plainFormat'],
  examples: ['hookwright version', 'hookwright version --format json'],
  load: () => Promise.resolve(version),
};

/** Prints the version; as JSON, also the details that a bug report needs. */
function version({ options, out }: Run): Promise<ExitCode> {
  const { versions, platform, arch } = process;
  const document = { version: VERSION, node: versions.node, platform: `${platform}-${arch}` };
  out.result(options.format === 'json' ? jsonText(document) : VERSION);
  return Promise.resolve(EXIT.done);
}
