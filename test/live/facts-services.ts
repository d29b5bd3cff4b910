import { SERVICES, variableOf } from './target.js';
import { refusal, type Workbench } from './workbench.js';

/** Observes which type each service gets, and how its URL is stored. Shows no credential. */
export async function observeServices(bench: Workbench): Promise<void> {
  for (const service of SERVICES) {
    const url = bench.target.services[service];
    await bench.note(`service-${service}`, `What is read back of a ${service} url?`, async () => {
      if (url === undefined) return `not tried: set ${variableOf(service)}`;
      const reply = await bench.post({ url });
      if (!reply.ok) return `refused: ${refusal(reply)}`;
      const { result } = await bench.get(String(reply.result['id']));
      return `type ${String(result['type'])}, ${whatIsLeft(url, String(result['url']))}`;
    });
  }
  const { slack } = bench.target.services;
  await bench.note('slack-split', 'Is a Slack URL without its token accepted?', () =>
    slack === undefined ? `not tried: set ${variableOf('slack')}` : slackSplit(bench, slack),
  );
}

/** Observes whether a Slack URL is accepted from which the token was already removed. */
async function slackSplit(bench: Workbench, whole: string): Promise<string> {
  const url = new URL(whole);
  const parts = segments(url);
  url.pathname = `/${parts.slice(0, -1).join('/')}`;
  const said = async (secret: object): Promise<string> => {
    const reply = await bench.post({ url: url.href, ...secret });
    return reply.ok ? 'accepted' : `refused, ${refusal(reply)}`;
  };
  const withSecret = await said({ secret: parts.at(-1) });
  return `with the token as secret: ${withSecret}; without: ${await said({})}`;
}

function whatIsLeft(sent: string, read: string): string {
  if (!URL.canParse(read)) return 'no longer a URL';
  const [before, after] = [new URL(sent), new URL(read)];
  if (before.href === after.href) return 'url unchanged';
  if (before.host !== after.host) return 'another host';
  const [path, left] = [segments(before), segments(after)];
  const cut = path.length - left.length;
  const shorter = left.every((segment, i) => segment === path[i]);
  const query = [...after.searchParams.keys()];
  if (!shorter) return 'another path';
  const parts = [
    ...(cut > 0 ? [`${cut} path segment${cut === 1 ? '' : 's'} less`] : []),
    ...(before.search === after.search
      ? []
      : [query.length === 0 ? 'without its query' : `query left: ${query.join(', ')}`]),
  ];
  return parts.join(', ') || 'written another way';
}

function segments(url: URL): readonly string[] {
  return url.pathname.split('/').filter((segment) => segment !== '');
}
