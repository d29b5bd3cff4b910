import type { Problem } from '../problem.js';
import type { YamlDocument } from './parse-yaml.js';
import { parsePlainFast } from './plain-yaml.js';

/** One YAML document of a file. */
export type ReadDocument = {
  /** As JSON has it, without what has no plain value. */
  readonly value: unknown;
  readonly isEmpty: boolean;
  /** Where its content starts. */
  readonly start: number;
  /** What is wrong with its YAML. */
  readonly syntax: readonly Problem[];
  /** What has no plain value. */
  readonly unread: readonly Problem[];
  /** Where everything stands. Of a plain file known only once it is asked for. */
  readonly nodes: () => Promise<YamlDocument>;
};

/** The documents of a file, without empty ones at its end, which a closing `---` makes. Never throws. */
export async function readYaml(text: string): Promise<readonly ReadDocument[]> {
  const plain = parsePlainFast(text);
  if (!plain) return carefully(text);
  let parsed: Promise<readonly ReadDocument[]> | undefined;
  return plain.map(({ value, start }, i) => ({
    value,
    isEmpty: false,
    start,
    syntax: [],
    unread: [],
    nodes: async () => {
      parsed ??= carefully(text);
      return (await parsed)[i]?.nodes() ?? { root: null, start, syntax: [] };
    },
  }));
}

/** The parser that knows places is loaded only where one is asked for. */
async function carefully(text: string): Promise<readonly ReadDocument[]> {
  const { parseWithPositions } = await import('./read-carefully.js');
  return parseWithPositions(text);
}
