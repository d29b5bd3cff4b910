import { existsSync } from 'node:fs';
import path from 'node:path';
import { EXIT, type ExitCode } from '../../core/exit-codes.js';
import { Emulator } from '../../emulator/emulator.js';
import { parseQuirks } from '../../emulator/quirks.js';
import type { Run } from '../../cli/run.js';

/** Serves the API on loopback until a signal arrives. */
export async function emulator({ io, options, out }: Run): Promise<ExitCode> {
  const server = new Emulator({
    quirks: parseQuirks(options.quirks ?? ''),
    latency: options.latency,
    ...(options.data !== undefined && { dataFile: path.resolve(io.cwd, options.data) }),
  });
  const stopped = new Promise<void>((resolve) => {
    const off = io.onSignal(() => {
      off();
      resolve();
    });
  });
  const isNew = options.data !== undefined && !existsSync(path.resolve(io.cwd, options.data));
  await server.start(options.port);
  out.result(`Listening on ${server.url}`);
  if (isNew)
    out.log(
      'info',
      `Note: ${options.data} does not exist, so all accounts are empty. The first change creates it.`,
    );
  out.log(
    'info',
    `Set in the shell that runs hookwright: export CLOUDFLARE_BASE_URL=${server.url}\n` +
      'Any token is accepted; a token that starts with "read-only" can only read. Stop with Ctrl-C, or in the background with kill.',
  );
  await stopped;
  await server.stop();
  return EXIT.done;
}
