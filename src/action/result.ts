/** What the action reads of a JSON report. Each part is absent where the run did not get that far. */
export type Result = {
  readonly digest?: string;
  readonly summary?: Counts;
  readonly errorCode?: string;
};
export type Counts = Readonly<Record<(typeof KINDS)[number], number>>;
export const KINDS = ['create', 'update', 'replace', 'delete'] as const;

type Coded = { readonly code: string };
type Document = {
  readonly digest?: string;
  readonly summary?: Counts;
  readonly error?: Coded;
  readonly accounts?: readonly { readonly guards: readonly Coded[] }[];
  readonly outcomes?: readonly { readonly error?: Coded }[];
};

/** Reads a report that hookwright wrote; an empty text is one that it did not write. */
export function readResult(text: string): Result {
  const { digest, summary, error, accounts = [], outcomes = [] } = JSON.parse(text || '{}') as Document;
  const [first] = [
    ...(error ? [error] : []),
    ...accounts.flatMap(({ guards }) => guards),
    ...outcomes.flatMap((outcome) => outcome.error ?? []),
  ];
  return {
    ...(digest !== undefined && { digest }),
    ...(summary !== undefined && { summary }),
    ...(first && { errorCode: first.code }),
  };
}
