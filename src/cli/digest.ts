import { createHash } from 'node:crypto';
import path from 'node:path';
import { checksumOf, digestOf } from '../core/digest.js';
import type { PlanDocument } from '../core/plan-document.js';
import type { Plan } from '../core/plan.js';
import { toPlanDocument } from '../render/plan-json.js';

/** Lower-case hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The plan as a document that bears its digest. */
export function documentOf(plan: Plan): PlanDocument & { readonly digest: string } {
  const document = toPlanDocument(plan, { sha256 });
  return { ...document, digest: digestOf(document, sha256) };
}

/** The plan as it is saved: with where its secret files are, seen from `cwd`, and a checksum over all of it. */
export function savedDocument(plan: Plan, cwd: string): PlanDocument {
  const document = toPlanDocument(plan, {
    sha256,
    relative: (file) => path.relative(cwd, file).split(path.sep).join('/'),
  });
  const whole = { ...document, digest: digestOf(document, sha256) };
  return { ...whole, checksum: checksumOf(whole, sha256) };
}
