// The same with the official SDK.
import Cloudflare from 'cloudflare';
const { CLOUDFLARE_BASE_URL: baseURL, BENCH_ACCOUNT: account_id } = process.env;
const client = new Cloudflare({ apiToken: 'bench', baseURL });
let count = 0;
for await (const _ of client.alerting.destinations.webhooks.list({ account_id })) count += 1;
if (count === 0) process.exitCode = 1;
