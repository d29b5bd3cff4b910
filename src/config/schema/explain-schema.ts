import type { ErrorObject } from 'ajv';
import { didYouMean } from '../../text/suggestions.js';
import { atKey, atValue, fault, type Problem, type Path } from '../problem.js';
import { isMisspelt, type MapKind, unknownField } from './fields.js';

/** Faults against the schema: one for each, on the node that is wrong, whatever way ajv found it. */
export function explainSchema(value: unknown, errors: readonly ErrorObject[]): readonly Problem[] {
  const faults: Problem[] = [];
  const done = new Set<string>();
  for (const error of errors) {
    const path = pathOf(value, error.instancePath);
    const choice = choiceAt(path);
    if (!choice) {
      faults.push(...explain(error, path, valueAt(value, path)));
      continue;
    }
    // Of a choice (url: text or map) ajv tells why each way fails; one look at the value tells what is meant.
    const key = choice.path.join('/');
    if (done.has(key)) continue;
    done.add(key);
    const found = valueAt(value, choice.path);
    const explained = choice.explain(found, choice.path);
    faults.push(...explained);
    // A literal secret is told of elsewhere; for all else there must be a reason.
    const isLiteral = choice.explain === explainSecret && found !== null && typeof found !== 'object';
    if (explained.length === 0 && !isLiteral) faults.push(typeFault(choice.path, found));
  }
  return faults;
}

type Choice = { path: Path; explain: (value: unknown, path: Path) => readonly Problem[] };

function choiceAt(path: Path): Choice | undefined {
  if (path[0] === 'account_id') return { path: path.slice(0, 1), explain: explainAccountId };
  if (path[0] !== 'webhooks') return undefined;
  if (path[2] === 'url') return { path: path.slice(0, 3), explain: explainUrl };
  if (path[2] === 'secret') return { path: path.slice(0, 3), explain: explainSecret };
  return undefined;
}

function explain(error: ErrorObject, path: Path, value: unknown): readonly Problem[] {
  const params: Readonly<Record<string, unknown>> = error.params;
  const field = path.findLast((step) => typeof step === 'string') ?? '';
  switch (error.keyword) {
    case 'additionalProperties':
      return [unknownField(mapKind(path), path, String(params['additionalProperty']))];
    case 'required': {
      const missing = String(params['missingProperty']);
      const misspelt =
        typeof value === 'object' && value !== null && isMisspelt(mapKind(path), value, missing);
      return misspelt ? [] : [missingField(path, missing)];
    }
    case 'type':
      return [typeFault(path, value)];
    case 'enum':
      return [enumFault(path, field, value, params['allowedValues'])];
    case 'maxLength': {
      const message = `${field}: longer than ${String(params['limit'])} characters`;
      return [fault(atValue(...path), 'too-long', message, 'Shorten it.')];
    }
    case 'pattern':
      return [field === 'id' ? idFault(path) : emptyFault(path, field)];
    default:
      return [emptyFault(path, field)];
  }
}

function mapKind(path: Path): MapKind {
  if (path.length === 0) return 'document';
  return path[0] === 'strategy' ? 'strategy' : 'webhook';
}

const EMPTY_LIST_HINT =
  'To declare that there are no webhooks, write "webhooks: []". A missing list may mean a truncated file, so nothing is deleted.';

function missingField(path: Path, field: string): Problem {
  if (path.length === 0) {
    return fault(atValue(), 'missing-webhooks', `missing field "${field}"`, EMPTY_LIST_HINT);
  }
  const hint =
    field === 'url' ? 'Add the URL that alerts are sent to.' : 'Each webhook needs a name and a url.';
  return fault(atValue(...path), 'missing-field', `missing field "${field}"`, hint);
}

function enumFault(path: Path, field: string, value: unknown, allowed: unknown): Problem {
  const words = Array.isArray(allowed) ? allowed.map(String) : [];
  const meant = typeof value === 'string' ? didYouMean(value, words) : undefined;
  const quoted = words.map((word) => `"${word}"`);
  const message = `${field}: must be ${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1) ?? ''}`;
  const suggestion = meant === undefined ? undefined : `Did you mean "${meant}"?`;
  const hint = typeof value === 'string' ? suggestion : `Got ${kindOf(value)}.`;
  return fault(value === null ? atKey(...path) : atValue(...path), 'bad-value', message, hint);
}

function idFault(path: Path): Problem {
  const hint = 'An ID is 32 hexadecimal digits, with or without dashes.';
  return fault(atValue(...path), 'bad-id', 'id: not a valid webhook ID', hint);
}

function emptyFault(path: Path, field: string): Problem {
  return fault(atValue(...path), 'empty', `${field}: must not be empty`);
}

/** The JSON pointer of ajv as a path. */
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

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(childOf, value);
}

function childOf(value: unknown, step: string | number): unknown {
  if (Array.isArray(value)) return value[Number(step)];
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, step)?.value;
}

const ID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const MAX_URL_LENGTH = 8192;
const LONGEST_FILE = 4096;
const LONGEST_ENV = 255;

/** What is wrong with an `account_id`. */
export function explainAccountId(value: unknown, path: Path): readonly Problem[] {
  if (!Array.isArray(value)) return accountId(value, path, 'a string or a list');
  if (value.length === 0) {
    const hint = 'List at least one account, or remove the field to use CLOUDFLARE_ACCOUNT_ID.';
    return [fault(atValue(...path), 'empty', 'account_id: the list is empty', hint)];
  }
  return value.flatMap((item: unknown, i) => accountId(item, [...path, i], 'a string'));
}

function accountId(value: unknown, path: Path, wanted: string): readonly Problem[] {
  if (typeof value !== 'string') return [wrongType(path, 'account_id', wanted, value)];
  if (ID.test(value)) return [];
  const hint =
    "An account ID is 32 hexadecimal digits. Copy it from the account's overview page in the Cloudflare dashboard.";
  return [fault(atValue(...path), 'bad-account-id', 'account_id: not a valid account ID', hint)];
}

/** What is wrong with a `url` as such; whether its text is a good url is looked at elsewhere. */
export function explainUrl(value: unknown, path: Path): readonly Problem[] {
  const wanted = 'a string or { env: NAME }';
  if (typeof value === 'string') {
    if (value === '') return [fault(atValue(...path), 'empty', 'url: must not be empty')];
    if (value.length <= MAX_URL_LENGTH) return [];
    return [tooLong(path, 'url', MAX_URL_LENGTH)];
  }
  if (!isMap(value)) return [wrongType(path, 'url', wanted, value)];
  const faults = unknownIn('url', value, path);
  if (!Object.hasOwn(value, 'env')) {
    return faults.length > 0 ? faults : [fault(atValue(...path), 'missing-field', `url: must be ${wanted}`)];
  }
  return [...faults, ...envName(value['env'], [...path, 'env']), ...version(value, path)];
}

/** What is wrong with a `secret` as such. A literal one is looked at elsewhere. */
export function explainSecret(value: unknown, path: Path): readonly Problem[] {
  const wanted = '{ env: NAME }, { file: PATH } or none';
  if (!isMap(value)) {
    const isScalar = value !== null && !Array.isArray(value);
    return isScalar ? [] : [wrongType(path, 'secret', wanted, value)];
  }
  const hasEnv = Object.hasOwn(value, 'env');
  const hasFile = Object.hasOwn(value, 'file');
  const faults = [...unknownIn('secret', value, path)];
  if (hasEnv && hasFile) {
    faults.push(fault(atKey(...path, 'file'), 'env-and-file', 'secret: use either env or file, not both'));
  } else if (!hasEnv && !hasFile && faults.length === 0) {
    faults.push(fault(atValue(...path), 'missing-field', `secret: must be ${wanted}`));
  }
  if (hasEnv) faults.push(...envName(value['env'], [...path, 'env']));
  if (hasFile) faults.push(...filePath(value['file'], [...path, 'file']));
  return [...faults, ...version(value, path)];
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unknownIn(kind: 'url' | 'secret', map: object, path: Path): Problem[] {
  const known = kind === 'url' ? ['env', 'version'] : ['env', 'file', 'version'];
  return Object.keys(map)
    .filter((key) => !known.includes(key))
    .map((key) => unknownField(kind, path, key));
}

function envName(value: unknown, path: Path): readonly Problem[] {
  if (typeof value !== 'string') return [wrongType(path, 'env', 'the name of a variable', value)];
  if (value.length > LONGEST_ENV) return [tooLong(path, 'env', LONGEST_ENV)];
  if (ENV_NAME.test(value)) return [];
  const hint =
    'Write only the name, for example OPS_SLACK_TOKEN: letters, digits and _, without $ and without the value.';
  return [fault(atValue(...path), 'bad-env-name', 'env: not the name of an environment variable', hint)];
}

function filePath(value: unknown, path: Path): readonly Problem[] {
  if (typeof value !== 'string') return [wrongType(path, 'file', 'a string', value)];
  if (value === '') return [fault(atValue(...path), 'empty', 'file: must not be empty')];
  return value.length > LONGEST_FILE ? [tooLong(path, 'file', LONGEST_FILE)] : [];
}

function version(map: Readonly<Record<string, unknown>>, path: Path): readonly Problem[] {
  if (!Object.hasOwn(map, 'version')) return [];
  const value = map['version'];
  const at = [...path, 'version'];
  if (typeof value === 'string' || typeof value === 'boolean') return [];
  if (typeof value !== 'number') return [wrongType(at, 'version', 'a string, a number or a boolean', value)];
  if (Number.isFinite(value)) return [];
  return [fault(atValue(...at), 'bad-value', 'version: not a finite number', 'Quote it.')];
}

function tooLong(path: Path, field: string, most: number): Problem {
  return fault(atValue(...path), 'too-long', `${field}: longer than ${most} characters`, 'Shorten it.');
}

/** What kind of value this is, for a message; never the value. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return 'a string';
  if (typeof value === 'number') return 'a number';
  if (typeof value === 'boolean') return `the boolean ${String(value)}`;
  return 'a mapping';
}

/** What a field must be; `items` for those of a list. */
const WANTED: Readonly<Record<string, { readonly value: string; readonly items?: string }>> = {
  ignore: { value: 'a list of names and patterns', items: 'a string' },
  absent: { value: 'a list of names', items: 'a string' },
  strategy: { value: 'a mapping with url and secret' },
  webhooks: { value: 'a list', items: 'a mapping with name and url' },
  name: { value: 'a string' },
  id: { value: 'a string' },
  previously: { value: 'a list of names', items: 'a string' },
  protect: { value: 'true or false' },
};

/** `name: must be a string, not a number`. */
export function typeFault(path: Path, value: unknown): Problem {
  const field = path.findLast((step) => typeof step === 'string') ?? '';
  if (path.length === 0) {
    const message = `a document must be a mapping, not ${kindOf(value)}`;
    return fault(atValue(), 'wrong-type', message, 'Start with "webhooks:", the list of webhooks.');
  }
  if (field === 'webhooks' && path.length === 1 && value === null) {
    const hint =
      'To delete all webhooks, write "webhooks: []". An empty value is refused because the file may be truncated.';
    return fault(atKey(...path), 'missing-webhooks', 'webhooks: the list is missing', hint);
  }
  const isItem = typeof path.at(-1) === 'number';
  const wanted = WANTED[field];
  const wantedText = (isItem ? wanted?.items : wanted?.value) ?? 'of a different type';
  return wrongType(path, isItem && field === 'webhooks' ? 'a webhook' : field, wantedText, value);
}

/** The same for a field of which only the caller knows what it must be. */
export function wrongType(path: Path, label: string, wanted: string, value: unknown): Problem {
  const subject = label === 'a webhook' ? `${label} must be` : `${label}: must be`;
  const place = value === null ? atKey(...path) : atValue(...path);
  const scalar = typeof value === 'number' || typeof value === 'boolean';
  const quote = wanted.startsWith('a string') && scalar ? 'Quote it.' : undefined;
  const single =
    wanted.startsWith('a list') && typeof value === 'string' ? 'Write it as a list: [value]' : undefined;
  return fault(place, 'wrong-type', `${subject} ${wanted}, not ${kindOf(value)}`, quote ?? single);
}
