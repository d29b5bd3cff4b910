import type { Comment, GitHub } from './github.js';
import type { Inputs } from './inputs.js';

const FIRST = '<!-- hookwright:plan -->\n';
type Key = Pick<Inputs, 'commentKey' | 'commentAuthor'>;

/** Two lines with which only the comments of this action begin, and which name the plan that the comment shows. */
const marker = (key: string, digest: string): string =>
  `${FIRST}<!-- hookwright:comment ${key} ${digest} -->\n`;

/** Finds the comment with this key. A comment of anyone else does not count, whatever it begins with. */
export async function ownComment(
  github: GitHub,
  pull: number,
  { commentKey, commentAuthor }: Key,
): Promise<Comment | undefined> {
  const start = marker(commentKey, '').replace(/ -->\n$/, '');
  for await (const comment of github.comments(pull)) {
    const isOwn = comment.user?.login === commentAuthor;
    if (isOwn && comment.body.replaceAll('\r', '').startsWith(start)) return comment;
  }
  return undefined;
}

/** Returns the digest of the plan that a comment shows, or `undefined` if it shows none. */
export function digestOf(comment: Comment | undefined): string | undefined {
  return /^<!-- hookwright:comment \S+ ([\da-f]{64}) -->/m.exec(comment?.body ?? '')?.[1];
}

/** A report as the text of a comment with its key in the heading, so that two comments can be told apart. */
export function commentBody(report: string, key: string, digest: string | undefined): string {
  const text = report.replace(FIRST, '');
  const named =
    key === 'default' ? text : text.replace(/^## hookwright (\w+)/m, `## hookwright $1 for ${key}`);
  return `${marker(key, digest ?? 'none')}${named}`;
}
