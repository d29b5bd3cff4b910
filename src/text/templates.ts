/** A placeholder that another tool should have filled: `${X}`, `$X`, `{{ x }}`, `$(X)`, `##X##`, `@@X@@`. */
export type Template = {
  /** The name of an environment variable in it, if any. */
  readonly variable?: string;
};

const TEMPLATE =
  /\$\{\{([^{}]*)\}\}|\$\{([^{}]*)\}|\{\{([^{}]*)\}\}|\$\(([^()]*)\)|##([\w.-]+)##|@@([\w.-]+)@@|(?<![\w$])\$([A-Z_][A-Z0-9_]*)(?![a-z])/;

/** Returns the first template in a text. */
export function templateIn(text: string): Template | undefined {
  const match = TEMPLATE.exec(text);
  if (!match) return undefined;
  const inner = match.slice(1).find(Boolean) ?? '';
  const variable = /(?:^|[\s.])([A-Z_][A-Z0-9_]*)\s*$/.exec(inner)?.[1];
  return variable === undefined ? {} : { variable };
}
