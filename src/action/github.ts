import { ActionError, type Env } from './inputs.js';

export type Comment = { readonly id: number; readonly body: string };
type Pull = {
  readonly number: number;
  readonly merged_at: string | null;
  readonly merge_commit_sha: string | null;
};
type ListedComment = Comment & { readonly user: { readonly login: string } | null };

const TIMEOUT_MS = 30_000;

/** The part of GitHub's REST API for comments. Calls throw {@link ActionError} that names the permission. */
export class GitHub {
  constructor(
    private readonly env: Env,
    private readonly token: string,
  ) {}

  /** Yields the comments of a pull request, oldest first. */
  async *comments(pull: number): AsyncGenerator<ListedComment> {
    let next: string | undefined = `issues/${pull}/comments?per_page=100`;
    while (next !== undefined) {
      const response: Response = await this.#request('GET', next);
      yield* (await response.json()) as readonly ListedComment[];
      next = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
    }
  }

  async createComment(pull: number, body: string): Promise<void> {
    await this.#request('POST', `issues/${pull}/comments`, body);
  }

  async updateComment(id: number, body: string): Promise<void> {
    await this.#request('PATCH', `issues/comments/${id}`, body);
  }

  /** Returns the merged pull request of a commit; of several, the one whose merge created the commit. */
  async mergedPull(commit: string): Promise<number | undefined> {
    const response = await this.#request('GET', `commits/${commit}/pulls`);
    const merged = ((await response.json()) as readonly Pull[]).filter(({ merged_at: at }) => at !== null);
    return (merged.find(({ merge_commit_sha: sha }) => sha === commit) ?? merged[0])?.number;
  }

  async #request(method: string, path: string, body?: string): Promise<Response> {
    const base = `${this.env['GITHUB_API_URL'] ?? ''}/repos/${this.env['GITHUB_REPOSITORY'] ?? ''}/`;
    const url = new URL(path, base);
    const response = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${this.token}`, accept: 'application/vnd.github+json' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body !== undefined && { body: JSON.stringify({ body }) }),
    }).catch((error: unknown) => {
      throw new ActionError(`${method} ${url.pathname} failed: ${reasonOf(error)}.`);
    });
    if (response.ok) return response;
    const needed = `pull-requests: ${method === 'GET' ? 'read' : 'write'}`;
    // GitHub returns 404 if the token must not learn that something exists.
    const hint = [401, 403, 404].includes(response.status) ? ` Give the job the permission "${needed}".` : '';
    throw new ActionError(`${method} ${url.pathname} returned ${response.status}.${hint}`);
  }
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
