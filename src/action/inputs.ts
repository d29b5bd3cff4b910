import path from 'node:path';

/** The environment of the step. */
export type Env = Readonly<Record<string, string | undefined>>;

const ACTION_COMMANDS = ['validate', 'plan', 'apply'] as const;

/** An error in an input or on GitHub that the user can fix. Its message becomes the annotation. */
export class ActionError extends Error {
  constructor(
    message: string,
    readonly exitCode = 1,
  ) {
    super(message);
  }
}

export type Inputs = Readonly<ReturnType<typeof readInputs>>;

/** Reads the inputs that the runner passes. Throws {@link ActionError} for an invalid value. */
export function readInputs(env: Env) {
  const text = (name: string): string => (env[`INPUT_${name.toUpperCase()}`] ?? '').trim();
  const lines = (name: string): readonly string[] =>
    text(name)
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
  const flag = (name: string): boolean => {
    const value = text(name);
    if (!['true', 'false', ''].includes(value)) {
      throw new ActionError(`The input "${name}" must be true or false.`, 3);
    }
    return value === 'true';
  };
  const command = ACTION_COMMANDS.find((known) => known === text('command'));
  if (command === undefined) {
    throw new ActionError(`The input "command" must be one of ${ACTION_COMMANDS.join(', ')}.`, 3);
  }
  const commentKey = text('comment-key');
  if (!/^[A-Za-z\d-]{1,100}$/.test(commentKey)) {
    throw new ActionError('The input "comment-key" must consist of 1 to 100 letters, digits and hyphens.', 3);
  }
  return {
    command,
    files: lines('files'),
    previous: text('previous'),
    previousOptional: flag('previous-optional'),
    account: text('account'),
    expectDigest: text('expect-digest'),
    planFile: text('plan-file'),
    report: lines('report'),
    args: lines('args'),
    comment: flag('comment'),
    commentKey,
    commentAuthor: text('comment-author'),
    skipUnchanged: flag('skip-unchanged'),
    token: text('github-token'),
    directory: path.resolve(env['GITHUB_WORKSPACE'] ?? '.', text('working-directory')),
  };
}

/** The files that hookwright writes and the action reads. */
export type Reports = { readonly json: string; readonly markdown: string; readonly plan: string };

/** Returns the arguments. A value is joined to its flag, so that one that looks like a flag stays a value. */
export function argumentsOf(inputs: Inputs, reports: Reports): readonly string[] {
  const { command, planFile } = inputs;
  const flag = (name: string, ...values: readonly string[]): string[] =>
    values.filter((value) => value !== '').map((value) => `--${name}=${value}`);
  const planning = flag('previous', inputs.previous);
  const markdown = command === 'validate' ? [] : [`markdown=${reports.markdown}`];
  const common = [
    ...flag('report', `json=${reports.json}`, ...markdown, ...inputs.report),
    ...flag('file', ...inputs.files),
    ...flag('account', inputs.account),
  ];
  switch (command) {
    case 'validate':
      return [command, ...common, ...inputs.args];
    case 'plan':
      return [
        command,
        '--detailed-exitcode',
        ...flag('out', planFile || reports.plan),
        ...common,
        ...planning,
        ...inputs.args,
      ];
    case 'apply':
      return [
        command,
        ...common,
        ...flag('expect-digest', inputs.expectDigest),
        ...(planFile ? inputs.args : ['--auto-approve', ...planning, ...inputs.args]),
        ...(planFile ? ['--', planFile] : []),
      ];
  }
}
