// A static server for the benchmark: answers lists of N webhooks as fast as Node can, creates in memory, counts requests.
// node server.mjs COUNT LATENCY_MS → prints its port; GET /counts gives the number of requests by method and clears it.
import { createServer } from 'node:http';

const [count, latency] = process.argv.slice(2).map(Number);
const id = (n) => n.toString(16).padStart(32, '0');
const webhook = (n) => ({
  id: id(n),
  name: `Webhook ${n}`,
  url: `https://hooks.example/cloudflare/${n}`,
  type: 'generic',
  created_at: '2025-03-12T17:31:52.88075Z',
  last_failure: null,
  last_success: null,
});
const envelope = (result) => JSON.stringify({ success: true, errors: [], messages: [], result });
const initial = Array.from({ length: count }, (_, n) => webhook(n));
const untouched = envelope(initial);
const created = new Map();
let counts = {};

const server = createServer((request, response) => {
  if (request.url === '/counts') {
    response.end(JSON.stringify(counts));
    counts = {};
    created.clear();
    return;
  }
  counts[request.method] = (counts[request.method] ?? 0) + 1;
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const account = request.url.split('/')[4];
    setTimeout(() => {
      response.setHeader('content-type', 'application/json');
      if (request.method === 'POST') {
        const mine = created.get(account) ?? [];
        created.set(account, mine);
        const made = { ...webhook(count + mine.length + 1), ...JSON.parse(Buffer.concat(chunks).toString()) };
        mine.push(made);
        response.statusCode = 201;
        response.end(envelope({ id: made.id }));
      } else {
        const mine = created.get(account);
        response.end(mine ? envelope([...initial, ...mine]) : untouched);
      }
    }, latency);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
