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
};

export type Job = {
  readonly if?: string;
  readonly needs?: string | readonly string[];
  readonly environment?: string;
  readonly permissions?: Texts;
  readonly strategy?: { readonly matrix: Readonly<Record<string, string | readonly unknown[]>> };
  readonly outputs?: Texts;
  readonly env?: Values;
  readonly steps?: readonly Step[];
  /** A reusable workflow instead of steps. */
  readonly uses?: string;
  readonly with?: Values;
  readonly secrets?: 'inherit';
};

export type Workflow = {
  readonly on: unknown;
  readonly permissions: Texts;
  readonly concurrency?: { readonly group: string; readonly 'cancel-in-progress'?: boolean };
  readonly jobs: Readonly<Record<string, Job>>;
};

export type Action = {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default?: string }>>;
  readonly outputs: Readonly<Record<string, { readonly description: string }>>;
  readonly runs: { readonly using: string; readonly main: string };
};

export function readWorkflow(file: string): Workflow {
  return parse(readFileSync(file, 'utf8')) as Workflow;
}

export function readAction(file: string): Action {
  return parse(readFileSync(file, 'utf8')) as Action;
}

export function needsOf({ needs = [] }: Job): readonly string[] {
  return typeof needs === 'string' ? [needs] : needs;
}
