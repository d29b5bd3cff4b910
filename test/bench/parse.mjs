// The YAML parser alone.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
const { webhooks } = parse(readFileSync(process.argv[2], 'utf8'));
if (webhooks.length === 0) process.exitCode = 1;
