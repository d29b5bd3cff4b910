import { HookwrightError } from './core/errors.js';
import { EXIT, exitOfError, type ExitCode } from './core/exit-codes.js';
import { newRedactor } from './core/urls.js';
import { forTerminal, jsonText } from './text/untrusted.js';
import { Output, styleFor, whyLost, wrappedFor, type Io } from './cli/io.js';
import { parseAndRun } from './cli/arguments.js';
import { FileVariables } from './cli/flags.js';
import type { Command, Run } from './cli/run.js';
import { COMMANDS } from './commands/commands.js';

/** Runs the command and returns its exit code. Never throws: this is the only catch-all. */
export async function main(argv: readonly string[], io: Io): Promise<ExitCode> {
  const redactor = newRedactor();
  for (const name of ['CLOUDFLARE_API_TOKEN', 'CLOUDFLARE_API_KEY']) {
    const value = io.env[name];
    if (value) redactor.add(value);
  }
  let out: Output | undefined;
  let started: Run | undefined;
  let offCrash = (): void => undefined;
  const crash = new Promise<never>((_, reject) => {
    offCrash = io.onCrash(reject);
  });
  const command = parseAndRun(argv, io, COMMANDS, async (command, args, options) => {
    out = new Output(io, options.quiet ? 'error' : options.logLevel);
    const run = {
      commands: COMMANDS,
      main,
      args,
      options,
      io,
      out,
      style: styleFor(io, io.stdout, options),
      redactor,
      fileVariables: new FileVariables(),
    };
    await checkOutputs(run, command);
    started = run;
    const start = await command.load();
    try {
      return await start(run);
    } finally {
      out.log('warn', run.fileVariables.warnings(io.env).join('\n'));
    }
  });
  try {
    const exit = (await Promise.race([command, crash])) ?? EXIT.done;
    const lost = await io.stdout.flush?.();
    if (!lost) return exitWith(exit, out);
    io.stderr.write(`Error: The result could not be written: ${whyLost(lost)}.\n`);
    if (out) out.hasLoss = true;
    return exitWith(exit, out);
  } catch (error) {
    if (started?.options.report && error instanceof HookwrightError) {
      const { writeFailure } = await import('./cli/reports.js');
      await writeFailure(started, error);
    }
    // The message of a bug, or of an invalid command line, can quote text from elsewhere.
    const isForeign = !(error instanceof HookwrightError) || out === undefined;
    const redact = (text: string): string => (isForeign ? redactor.redact(text) : text);
    // stdout contains only one document: an error after it was written is reported on stderr.
    if (out?.hasResult) io.stderr.write('\n');
    const json = wantsJson(argv, io) && !out?.hasResult;
    const common = argv[0] === 'validate' ? { valid: false, diagnostics: [] } : {};
    const exit = report(error, { json: json ? common : undefined, io, redact });
    await io.stdout.flush?.();
    if (exit !== EXIT.failed || !out?.mayHaveWritten) return exit;
    io.stderr.write('It is not known which changes were made. Run plan to see what is left.\n');
    return EXIT.partlyApplied;
  } finally {
    offCrash();
    await io.stderr.flush?.();
  }
}

/** Refuses invalid output files before anything else is done. */
async function checkOutputs({ args, io, options }: Run, { argument }: Command): Promise<void> {
  const { out, events, report, previous, file = [] } = options;
  if (out === undefined && events === undefined && report === undefined) return;
  // Not loaded at the start, because most runs write no file.
  const [{ reportsOf }, { refuseOutputs }] = await Promise.all([
    import('./cli/reports.js'),
    import('./cli/write-file.js'),
  ]);
  const outputs = [
    ...(out === undefined ? [] : [{ flag: '--out', file: out }]),
    ...(events === undefined ? [] : [{ flag: '--events', file: events }]),
    ...reportsOf(options).map((each) => ({ flag: '--report', file: each.file })),
  ];
  const inputs = [
    ...file.map((each) => ({ file: each, role: 'a desired-state file' })),
    ...(previous === undefined ? [] : [{ file: previous, role: 'the previous state' }]),
    ...(argument?.name === 'planfile' ? args.map((each) => ({ file: each, role: 'the saved plan' })) : []),
  ];
  await refuseOutputs(io.cwd, outputs, inputs);
}

/** Replaces a successful exit code if part of the output could not be written. */
function exitWith(exit: ExitCode, out: Output | undefined): ExitCode {
  if (!out?.hasLoss || (exit !== EXIT.done && exit !== EXIT.changesPending)) return exit;
  return out.mayHaveWritten ? EXIT.partlyApplied : EXIT.failed;
}

/** Looks for JSON in the arguments as they are, because they may be invalid. The last flag counts. */
function wantsJson(argv: readonly string[], io: Io): boolean {
  const given = argv
    .flatMap((text, i) => (text === '--format' ? argv[i + 1] : /^--format=(.*)$/.exec(text)?.[1]) ?? [])
    .at(-1);
  return (given ?? io.env['HOOKWRIGHT_FORMAT']) === 'json';
}

function report(
  error: unknown,
  { json, io, redact }: { json: object | undefined; io: Io; redact: (text: string) => string },
): ExitCode {
  const code = error instanceof HookwrightError ? error.code : 'internal';
  const message = redact(error instanceof Error ? error.message : String(error));
  if (json) {
    io.stdout.write(`${jsonText({ ...json, error: { code, message } })}\n`);
  }
  const lines = message.split('\n').map(forTerminal);
  io.stderr.write(wrappedFor(`Error: ${lines.join('\n')}\n`, io.stderr));
  if (code === 'internal' && error instanceof Error) {
    const stack = redact(error.stack ?? '')
      .split('\n')
      .map(forTerminal);
    io.stderr.write(`This is a bug in hookwright. Please report it with these lines:\n${stack.join('\n')}\n`);
  }
  return exitOfError(code);
}
