import schema from '../../../schemas/hookwright.schema.json' with { type: 'json' };
import { didYouMean } from '../../text/suggestions.js';
import { atKey, error, type Problem, type Path } from '../problem.js';
import { showableKey, showableReferenceKey } from '../yaml/excerpt.js';

const DOCUMENT = Object.keys(schema.properties);
const WEBHOOK = Object.keys(schema.properties.webhooks.items.properties);

/** The maps of a desired-state file. */
export type MapKind = 'document' | 'strategy' | 'webhook' | 'policy' | 'url' | 'secret';

const FIELDS: Readonly<Record<MapKind, readonly string[]>> = {
  document: DOCUMENT,
  strategy: Object.keys(schema.properties.strategy.properties),
  webhook: WEBHOOK,
  policy: Object.keys(schema.properties.policies.items.properties),
  url: Object.keys(schema.definitions.reference.properties),
  secret: Object.keys(schema.definitions.reference.properties),
};

/** The message for a key that is no field. The key is shown unless it could be a pasted secret. */
export function unknownField(kind: MapKind, path: Path, key: string): Problem {
  const meant = didYouMean(key, FIELDS[kind]);
  const inReference = kind === 'url' || kind === 'secret';
  const shown = inReference ? showableReferenceKey(key) : showableKey(key);
  const message = shown ? `unknown field "${key}"` : 'unknown field';
  return error(atKey(...path, key), 'unknown-field', message + suggestion(meant), hint(kind, key));
}

/** Is this key none of the fields? */
export function isUnknown(kind: MapKind, key: string): boolean {
  return !FIELDS[kind].includes(key);
}

/** Does a key of the map look like a misspelling of this field? Then the field is not missing. */
export function isMisspelt(kind: MapKind, map: object, field: string): boolean {
  return Object.keys(map).some((key) => isUnknown(kind, key) && didYouMean(key, FIELDS[kind]) === field);
}

function suggestion(meant: string | undefined): string {
  return meant === undefined ? '' : `: did you mean "${meant}"?`;
}

function hint(kind: MapKind, key: string): string {
  if (key === '<<') return 'Merge keys are not part of YAML 1.2. Write the fields out.';
  if (key === 'sops')
    return 'This is SOPS metadata. Decrypt the file first: sops decrypt FILE | hookwright plan -f -';
  if (/^(?:emails?|pagerduty|mechanisms|alert_type|filters)$/.test(key))
    return 'hookwright manages webhooks, and which policies send to them. Set everything else about policies in Cloudflare.';
  if (kind === 'webhook' && key === 'type')
    return 'Cloudflare derives the type from the URL. Remove this field.';
  if (kind === 'webhook' && DOCUMENT.includes(key)) {
    return `"${key}" belongs at the top level, next to "webhooks". ${list(kind)}`;
  }
  if (kind === 'document' && WEBHOOK.includes(key)) {
    return `"${key}" belongs to a webhook, under "webhooks". ${list(kind)}`;
  }
  return list(kind);
}

function list(kind: MapKind): string {
  const reference = 'has env or file, and optionally version.';
  if (kind === 'secret') return `A secret ${reference} Never put the secret itself in the file.`;
  if (kind === 'url') return `A url that is not a string ${reference}`;
  const fields = FIELDS[kind];
  return `A ${kind} has ${fields.slice(0, -1).join(', ')} and ${fields.at(-1) ?? ''}.`;
}
