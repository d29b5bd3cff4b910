// The emulator with many accounts that have drifted, under a rate limit, in a process of its own.
// node site.mjs ACCOUNTS WEBHOOKS RATE LATENCY_MS → prints its url; what is sent to stdin has it print its counts.
import { Emulator } from '../../dist/index.js';
import { accountId, drifted, webhook } from './world.mjs';

const [accounts, webhooks, latency] = [process.argv[2], process.argv[3], process.argv[5]].map(Number);
const [limit, window] = process.argv[4].split('/').map((text) => Number.parseInt(text, 10));
let counts = {};
const count = (what) => (counts[what] = (counts[what] ?? 0) + 1);
const emulator = new Emulator({
  latency,
  quirks: { rate: { limit, windowMs: window * 1000 } },
  onRequest: ({ method }) => count(method),
});
for (let a = 0; a < accounts; a += 1) {
  const live = Array.from({ length: webhooks }, (_, w) => webhook(w));
  emulator.seed(accountId(a), drifted(live, a));
}
await emulator.start();
console.log(emulator.url);
process.stdin.on('data', () => {
  console.log(JSON.stringify(counts));
  counts = {};
});
process.stdin.on('end', () => emulator.stop());
