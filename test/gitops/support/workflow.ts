import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

export type Texts = Readonly<Record<string, string>>;
type Values = Readonly<Record<string, string | number | boolean>>;

export type Step = {
  readonly name?: string;
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly with?: Values;
  readonly env?: Values;
  readonly run?: string;
  readonly shell?: string;
  readonly 'working-directory'?: string;
};

export type Job = {
  readonly if?: string;
  readonly needs?: string;
  readonly environment?: string;
  readonly permissions?: Texts;
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly unknown[]>> };
  readonly outputs?: Texts;
  readonly steps: readonly Step[];
};

export type Workflow = {
  readonly on: unknown;
  readonly permissions: Texts;
  readonly concurrency: { readonly group: string; readonly 'cancel-in-progress'?: boolean };
  readonly jobs: Readonly<Record<string, Job>>;
};

export type Action = {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default?: string }>>;
  readonly outputs: Readonly<Record<string, { readonly description: string; readonly value: string }>>;
  readonly runs: { readonly using: 'composite'; readonly steps: readonly Step[] };
};

export function readWorkflow(file: string): Workflow {
  return parse(readFileSync(file, 'utf8')) as Workflow;
}

export function readAction(file: string): Action {
  return parse(readFileSync(file, 'utf8')) as Action;
}

/** The legs of a job's matrix; one empty leg if it has none. */
export function legsOf({ strategy }: Job): readonly Readonly<Record<string, unknown>>[] {
  const [axis, ...others] = Object.entries(strategy?.matrix ?? {});
  if (others.length > 0) throw new Error('only one axis is known here');
  return axis ? axis[1].map((value) => ({ [axis[0]]: value })) : [{}];
}
