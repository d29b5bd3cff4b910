/**
 * The documents that the command writes, as far as the test reads them. Uses no type of src/, so that the
 * test reads them as they are.
 */

/** A webhook that a policy sends to. Absent ID: the plan creates it. */
type TargetDocument = { readonly name: string; readonly id?: string };
type RoutesDocument = { readonly webhooks?: readonly TargetDocument[] };

export type ActionDocument = {
  readonly kind: 'create' | 'update' | 'replace' | 'delete';
  readonly resource?: string;
  readonly name: string;
  readonly id?: string;
  readonly reason?: string;
  readonly policies?: readonly { readonly id: string; readonly name: string }[];
  /** For a policy. */
  readonly before?: RoutesDocument;
  readonly after?: RoutesDocument;
};

export type OutcomeDocument = {
  readonly kind: string;
  readonly resource?: string;
  readonly name: string;
  readonly id?: string;
  readonly status: string;
  readonly wrote?: boolean;
  readonly error?: { readonly code: string; readonly message: string };
};

/** A plan; after an apply, with its outcomes. */
export type PlanDocument = {
  readonly accounts: readonly {
    readonly actions: readonly ActionDocument[];
    readonly guards: readonly { readonly code: string; readonly message: string }[];
  }[];
  readonly outcomes?: readonly OutcomeDocument[];
  /** Accounts whose result could not be read back, so that their applied actions are not verified. */
  readonly discrepancies?: readonly unknown[];
};
