import type { ErrorObject } from 'ajv';
import schema from '../../../schemas/hookwright.schema.json' with { type: 'json' };
import { isRecord } from '../../core/order.js';
import { nameList } from '../../text/layout.js';
import { didYouMean } from '../../text/suggestions.js';
import { templateIn } from '../../text/templates.js';
import { atKey, atValue, error, type Path, type Place, type Problem } from '../problem.js';
import { shownName, showableEnv, showableKey, showableReferenceKey } from '../yaml/excerpt.js';

/** Turns the errors that ajv found in a document into problems, each at the wrong value or key. */
export function explainSchema(value: unknown, errors: readonly ErrorObject[]): readonly Problem[] {
  return errors.flatMap((each) => {
    const path = pathOf(value, each.instancePath);
    return explain(each, path, path.reduce<unknown>(childOf, value)) ?? [];
  });
}

function explain(
  { keyword, params, schemaPath }: ErrorObject,
  path: Path,
  value: unknown,
): Problem | undefined {
  // The last field; for an item, the field of its list.
  const field = path.findLast((step) => typeof step === 'string') ?? '';
  const kind = mapKind(path);
  const place = value === null ? atKey(...path) : atValue(...path);
  switch (keyword) {
    // If a value can be a string or a mapping, ajv also reports why each alternative does not match.
    case 'anyOf':
    case 'const':
      return undefined;
    case 'additionalProperties':
      return unknownField(kind, path, String(params['additionalProperty']), value);
    case 'required': {
      const missing = String(params['missingProperty']);
      if (schemaPath.includes('/oneOf/') || (isRecord(value) && isReportedElsewhere(kind, value, missing)))
        return undefined;
      return missingField(kind, path, missing, value);
    }
    case 'oneOf': {
      if (!isRecord(value)) return undefined;
      if (params['passingSchemas'] !== null)
        return error(atKey(...path, 'file'), 'env-and-file', `${field}: use either env or file, not both`);
      // An unknown key may be misspelled for one of them.
      if (Object.keys(value).some((key) => isUnknown(kind, key))) return undefined;
      return error(place, 'missing-field', `${field}: must be ${WANTED[field]?.value ?? ''}`);
    }
    case 'type':
      return wrongType(path, field, value, place);
    case 'enum':
      return wrongWord(field, value, params['allowedValues'], place);
    case 'maxLength': {
      const message = `${field}: longer than ${String(params['limit'])} characters`;
      return error(place, 'too-long', message, 'Shorten it.');
    }
    case 'minItems':
      return error(place, 'empty', `${field}: the list is empty`, EMPTY_ACCOUNT_LIST);
    default: {
      const known = keyword === 'pattern' ? PATTERNS[field] : undefined;
      const [code, message, hint] = known ?? ['empty', `${field}: must not be empty`];
      return error(place, code, message, instead(field, value) ?? hint);
    }
  }
}

function mapKind(path: Path): MapKind {
  if (path.length === 0) return 'document';
  if (path[0] === 'strategy') return 'strategy';
  if (path[0] === 'policies') return 'policy';
  return path[2] === 'url' || path[2] === 'secret' ? path[2] : 'webhook';
}

const EMPTY_ACCOUNT_LIST = 'List at least one account, or remove the field to use CLOUDFLARE_ACCOUNT_ID.';

/** What to report when a value does not match a pattern of the schema. */
const PATTERNS: Readonly<Record<string, readonly [code: Problem['code'], message: string, hint: string]>> = {
  id: ['bad-id', 'id: not a valid webhook ID', 'An ID is 32 hexadecimal digits, with or without dashes.'],
  account_id: [
    'bad-account-id',
    'account_id: not a valid account ID',
    "An account ID is 32 hexadecimal digits. Copy it from the account's overview page in the Cloudflare dashboard.",
  ],
  label: [
    'bad-label',
    'label: not a valid label',
    'A label is a short name, such as Production, without a colon and without spaces around it.',
  ],
  env: [
    'bad-env-name',
    'env: not the name of an environment variable',
    'Write only the name, for example OPS_SLACK_TOKEN: letters, digits and _, without $ and without the value.',
  ],
};

/** Returns how to write the value if it is a placeholder or has a prefix. */
function instead(field: string, value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const template = templateIn(value);
  if (field === 'account_id' && template)
    return 'Placeholders are not expanded. Remove account_id, and set CLOUDFLARE_ACCOUNT_ID where hookwright runs.';
  return field === 'env' && template?.variable !== undefined && showableEnv(template.variable)
    ? `Write only the name: { env: ${template.variable} }`
    : undefined;
}

/** Does not say what happens to the live webhooks, which depends on `unlisted`. */
function noWebhooks(what: string): string {
  return `${what} is refused because the file may be truncated. To declare no webhooks, write "webhooks: []". To add the live ones then, run hookwright import with -f and this file.`;
}

function missingField(kind: MapKind, path: Path, field: string, value: unknown): Problem {
  const message = `missing field "${field}"`;
  if (path.length === 0) {
    const hint =
      isRecord(value) && Object.hasOwn(value, 'include')
        ? 'Add "webhooks: []" if all webhooks are in the included files, which count too. A missing list may mean a truncated file.'
        : noWebhooks('A missing list');
    return error(atValue(), 'missing-webhooks', message, hint);
  }
  const whole =
    kind === 'policy' ? 'Each policy needs "name" and "webhooks".' : 'Each webhook needs "name" and "url".';
  const hint = field === 'url' ? 'Add the URL that alerts are sent to.' : whole;
  return error(atValue(...path), 'missing-field', message, hint);
}

const AUTO_IS_GONE =
  'hookwright no longer tries an update first, because Cloudflare keeps the URL. Write "replace", or remove the field.';

const UNLISTED = 'Live webhooks that the file does not list are deleted (delete) or left alone (keep).';

function wrongWord(field: string, value: unknown, allowed: unknown, place: Place): Problem {
  const words = Array.isArray(allowed) ? allowed.map(String) : [];
  const meant = typeof value === 'string' ? didYouMean(value, words) : undefined;
  const quoted = words.map((word) => `"${word}"`);
  const message = `${field}: must be ${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1) ?? ''}`;
  const hint = (): string | undefined => {
    if (typeof value !== 'string') return `Got ${kindOf(value)}.`;
    if (value === 'auto') return AUTO_IS_GONE;
    if (meant !== undefined) return `Did you mean "${meant}"?`;
    return field === 'unlisted' ? UNLISTED : undefined;
  };
  return error(place, 'bad-value', message, hint());
}

type Wanted = {
  /** What the field must be; `items`: what each item of its list must be. */
  readonly value: string;
  readonly items?: string;
  /** Types not to report: ajv also reports alternatives that another branch or another check covers. */
  readonly fits?: readonly string[];
};

const NAMES: Wanted = { value: 'a list of names', items: 'a string' };

const WANTED: Readonly<Record<string, Wanted>> = {
  account_id: { value: 'a string or a list', items: 'a string', fits: ['a string', 'a list'] },
  label: { value: 'a string' },
  include: { value: 'a list of paths', items: 'a string' },
  ignore: { value: 'a list of names and patterns', items: 'a string' },
  absent: NAMES,
  strategy: { value: 'a mapping with url and secret' },
  webhooks: { value: 'a list', items: 'a mapping with name and url' },
  policies: { value: 'a list', items: 'a mapping with name and webhooks' },
  name: { value: 'a string' },
  id: { value: 'a string' },
  previously: NAMES,
  protect: { value: 'true or false' },
  url: { value: 'a string, { env: NAME } or { file: PATH }', fits: ['a string', 'a mapping'] },
  secret: {
    value: '{ env: NAME }, { file: PATH } or none',
    fits: ['a mapping', 'a string', 'a number', 'the boolean true', 'the boolean false'],
  },
  env: { value: 'the name of a variable' },
  file: { value: 'a string' },
  version: { value: 'a string, a number or a boolean' },
};

/** Returns, for example, `name: must be a string, not a number`. */
function wrongType(path: Path, field: string, value: unknown, place: Place): Problem | undefined {
  const kind = kindOf(value);
  if (path.length === 0) {
    const hint = 'Start with "webhooks:", the list of webhooks.';
    return error(place, 'wrong-type', `a document must be a mapping, not ${kind}`, hint);
  }
  if (field === 'webhooks' && value === null && path.length === 1) {
    const hint = noWebhooks('An empty value');
    return error(place, 'missing-webhooks', 'webhooks: the list is missing', hint);
  }
  const isItem = typeof path.at(-1) === 'number';
  const known = path.length > 2 && field === 'webhooks' ? NAMES : WANTED[field];
  const { value: whole, items, fits = [] } = known ?? { value: 'of a different type' };
  if (!isItem && fits.includes(kind)) return undefined;
  const wanted = (isItem ? items : undefined) ?? whole;
  const subject = isItem && path.length === 2 && field === 'webhooks' ? 'a webhook' : `${field}:`;
  return error(
    place,
    'wrong-type',
    `${subject} must be ${wanted}, not ${kind}`,
    rightType(path, field, value, wanted),
  );
}

/** Returns how to write a value of another type, if that is likely to be what was meant. */
function rightType(path: Path, field: string, value: unknown, wanted: string): string | undefined {
  if (wanted.startsWith('a string') && (typeof value === 'number' || typeof value === 'boolean'))
    return 'Quote it.';
  if (path.length === 1 && (field === 'webhooks' || field === 'policies')) {
    const entry = field === 'webhooks' ? 'webhook' : 'policy';
    return `Write each ${entry} as an item of a list that starts with "- name:".`;
  }
  if (wanted.startsWith('a list') && typeof value === 'string') return `Write it as a list: ${inList(value)}`;
  return field === 'account_id' && isRecord(value)
    ? 'To read the account from the environment, remove account_id and set CLOUDFLARE_ACCOUNT_ID.'
    : undefined;
}

/** Returns the value as a YAML list of one item. */
function inList(value: string): string {
  const shown = shownName(value);
  if (shown !== `"${value}"`) return '[VALUE]';
  return /^[A-Za-z](?:[\w .-]*\w)?$/.test(value) ? `[${value}]` : `[${JSON.stringify(value)}]`;
}

/** Returns the type of a value for a message, never the value. */
function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return 'a string';
  if (typeof value === 'number') return 'a number';
  if (typeof value === 'boolean') return `the boolean ${String(value)}`;
  return 'a mapping';
}

/** Converts ajv's JSON pointer to a path. */
function pathOf(value: unknown, pointer: string): Path {
  const path: (string | number)[] = [];
  let at = value;
  for (const part of pointer.split('/').slice(1)) {
    const step = Array.isArray(at) ? Number(part) : part.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(step);
    at = childOf(at, step);
  }
  return path;
}

function childOf(value: unknown, step: string | number): unknown {
  if (Array.isArray(value)) return value[Number(step)];
  return isRecord(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}

const DOCUMENT = Object.keys(schema.properties);
const WEBHOOK = Object.keys(schema.properties.webhooks.items.properties);

/** The mappings of a desired-state file. */
export type MapKind = 'document' | 'strategy' | 'webhook' | 'policy' | 'url' | 'secret';

const FIELDS: Readonly<Record<MapKind, readonly string[]>> = {
  document: DOCUMENT,
  strategy: Object.keys(schema.properties.strategy.properties),
  webhook: WEBHOOK,
  policy: Object.keys(schema.properties.policies.items.properties),
  url: Object.keys(schema.definitions.reference.properties),
  secret: Object.keys(schema.definitions.reference.properties),
};

/** Reports an unknown key. The key is shown unless it could be a pasted secret. */
function unknownField(kind: MapKind, path: Path, key: string, map: unknown): Problem {
  const place = atKey(...path, key);
  const field = withoutSpace(kind, key);
  if (field !== undefined) {
    const message = `no space after "${field}:"`;
    return error(place, 'unknown-field', message, `Write "${field}: " with a space after the colon.`);
  }
  if (isNameAsKey(kind, map)) {
    const rest = kind === 'policy' ? 'its list as "webhooks: [NAME]"' : 'its other fields';
    const hint = `If it is a name, write "- name: NAME" and, below that, ${rest}. ${list(kind)}`;
    // It is not certain that it is a name, so what could be a secret is not shown.
    const shown = key.split(' ').every(showableKey) ? ` "${key}"` : '';
    return error(place, 'unknown-field', `unknown field${shown}`, hint);
  }
  const meant = didYouMean(key, FIELDS[kind]);
  const inReference = kind === 'url' || kind === 'secret';
  const shown = inReference ? showableReferenceKey(key) : showableKey(key);
  const message = shown ? `unknown field "${key}"` : 'unknown field';
  const suggestion = meant === undefined ? '' : `: did you mean "${meant}"?`;
  return error(place, 'unknown-field', message + suggestion, hint(kind, key));
}

function isUnknown(kind: MapKind, key: string): boolean {
  return !FIELDS[kind].includes(key);
}

/** Reports whether another problem explains why a field seems to be missing. */
function isReportedElsewhere(kind: MapKind, map: object, field: string): boolean {
  // Its value could not be read, or it may be in the merged mapping.
  if (Object.hasOwn(map, field) || Object.hasOwn(map, '<<') || isNameAsKey(kind, map)) return true;
  return Object.keys(map).some((key) => isUnknown(kind, key) && meantBy(kind, key) === field);
}

/** Returns the field that a key is probably meant to be: `secret` for `secert`, `env` for `env:OPS_SECRET`. */
function meantBy(kind: MapKind, key: string): string | undefined {
  return withoutSpace(kind, key) ?? didYouMean(key, FIELDS[kind]);
}

/** Returns the field of a key such as `env:OPS_SECRET`: in `{ }`, YAML reads a colon only before a space. */
function withoutSpace(kind: MapKind, key: string): string | undefined {
  return FIELDS[kind].find((field) => key.startsWith(`${field}:`));
}

/** Detects `- Origin errors: [Ops]`: an item with one key, which is the name. */
function isNameAsKey(kind: MapKind, map: unknown): boolean {
  if ((kind !== 'policy' && kind !== 'webhook') || !isRecord(map)) return false;
  const [key = '', ...others] = Object.keys(map);
  return others.length === 0 && isUnknown(kind, key) && meantBy(kind, key) === undefined && key !== '<<';
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

/** Reports a document of another tool once, instead of each of its fields. */
export function foreignDocument(value: unknown): Problem | undefined {
  if (!isRecord(value)) return undefined;
  const keys = Object.keys(value).filter((key) => !key.startsWith('x-'));
  const isOurs = (key: string): boolean =>
    key === 'url' || !isUnknown('document', key) || meantBy('document', key) !== undefined;
  if (keys.length === 0 || keys.some(isOurs)) return undefined;
  const shown = keys.filter(showableKey);
  const fields = shown.length === 0 ? '' : ` (its fields: ${nameList(shown, String, 5)})`;
  const hint =
    'A desired-state file has "webhooks". Pass only the files that have it, or their directory, with -f.';
  return error(atValue(), 'missing-webhooks', `not a desired-state file${fields}`, hint);
}

function list(kind: MapKind): string {
  const reference = 'has env or file, and optionally version.';
  if (kind === 'secret') return `A secret ${reference} Never put the secret itself in the file.`;
  if (kind === 'url') return `A URL that is not a string ${reference}`;
  const fields = FIELDS[kind];
  return `A ${kind} has ${fields.slice(0, -1).join(', ')} and ${fields.at(-1) ?? ''}.`;
}
