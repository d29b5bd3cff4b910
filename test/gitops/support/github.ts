import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Comment = { readonly id: number; body: string; readonly user: { readonly login: string } };
export type MergedPull = {
  readonly number: number;
  readonly merged_at: string;
  readonly merge_commit_sha: string;
};

/** The part of GitHub's REST API that the action calls, with 2 comments per page. */
export type GitHub = {
  readonly url: string;
  /** By pull request. */
  readonly comments: Map<number, Comment[]>;
  /** By commit. */
  readonly pulls: Map<string, MergedPull[]>;
  readonly stop: () => Promise<void>;
};

export const REPOSITORY = 'acme/webhooks';
export const BOT = 'github-actions[bot]';
/** Returns a job's token, which contains its permission for pull requests. */
export const tokenFor = (pullRequests = 'none'): string => `ghs_${pullRequests}`;
const PAGE = 2;

export async function startGitHub(): Promise<GitHub> {
  const comments = new Map<number, Comment[]>();
  const pulls = new Map<string, MergedPull[]>();
  let ids = 100;

  function answer(method: string, url: URL, body: string): { status: number; data: unknown; link?: string } {
    const route = `${method} ${url.pathname.replace(`/repos/${REPOSITORY}/`, '')}`;
    const ofPull = /^(GET|POST) issues\/(\d+)\/comments$/.exec(route);
    if (ofPull) {
      const list = comments.get(Number(ofPull[2])) ?? [];
      if (ofPull[1] === 'POST') {
        ids += 1;
        list.push({ id: ids, body: textOf(body), user: { login: BOT } });
        comments.set(Number(ofPull[2]), list);
        return { status: 201, data: list.at(-1) };
      }
      const page = Number(url.searchParams.get('page') ?? 1);
      const next = new URL(url);
      next.searchParams.set('page', String(page + 1));
      const data = list.slice((page - 1) * PAGE, page * PAGE);
      return { status: 200, data, ...(list.length > page * PAGE && { link: `<${next.href}>; rel="next"` }) };
    }
    const one = /^PATCH issues\/comments\/(\d+)$/.exec(route);
    const comment = [...comments.values()].flat().find(({ id }) => id === Number(one?.[1]));
    if (comment) {
      comment.body = textOf(body);
      return { status: 200, data: comment };
    }
    const commit = /^GET commits\/([\da-f]{40})\/pulls$/.exec(route);
    if (commit) return { status: 200, data: pulls.get(commit[1] ?? '') ?? [] };
    return { status: 404, data: { message: 'Not Found' } };
  }

  const server = createServer((request, response) => {
    void read(request).then((body) => {
      const base = `http://${request.headers.host ?? ''}`;
      const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
      const mayRead = [tokenFor('read'), tokenFor('write')].includes(token);
      const allowed = request.method === 'GET' ? mayRead : token === tokenFor('write');
      const { status, data, link } = allowed
        ? answer(request.method ?? '', new URL(request.url ?? '', base), body)
        : { status: 403, data: { message: 'Resource not accessible by integration' }, link: undefined };
      response.writeHead(status, link === undefined ? {} : { link });
      response.end(JSON.stringify(data));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    comments,
    pulls,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function textOf(body: string): string {
  return (JSON.parse(body) as { readonly body: string }).body;
}

async function read(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
