import type { ErrorObject } from 'ajv';
import { didYouMean } from '../../text/suggestions.js';
import { explainAccountId, explainSecret, explainUrl } from './explain-reference.js';
import { isMisspelt, unknownField, type MapKind } from './fields.js';
import { atKey, atValue, fault, type Fault, type Path } from '../problem.js';
import { kindOf, typeFault } from './wrong-type.js';

/** Faults against the schema: one for each, on the node that is wrong, whatever way ajv found it. */
export function explainSchema(value: unknown, errors: readonly ErrorObject[]): readonly Fault[] {
  const faults: Fault[] = [];
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

type Choice = { path: Path; explain: (value: unknown, path: Path) => readonly Fault[] };

function choiceAt(path: Path): Choice | undefined {
  if (path[0] === 'account_id') return { path: path.slice(0, 1), explain: explainAccountId };
  if (path[0] !== 'webhooks') return undefined;
  if (path[2] === 'url') return { path: path.slice(0, 3), explain: explainUrl };
  if (path[2] === 'secret') return { path: path.slice(0, 3), explain: explainSecret };
  return undefined;
}

function explain(error: ErrorObject, path: Path, value: unknown): readonly Fault[] {
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

function missingField(path: Path, field: string): Fault {
  if (path.length === 0) {
    return fault(atValue(), 'missing-webhooks', `missing field "${field}"`, EMPTY_LIST_HINT);
  }
  const hint =
    field === 'url' ? 'Add the URL that alerts are sent to.' : 'Each webhook needs a name and a url.';
  return fault(atValue(...path), 'missing-field', `missing field "${field}"`, hint);
}

function enumFault(path: Path, field: string, value: unknown, allowed: unknown): Fault {
  const words = Array.isArray(allowed) ? allowed.map(String) : [];
  const meant = typeof value === 'string' ? didYouMean(value, words) : undefined;
  const quoted = words.map((word) => `"${word}"`);
  const message = `${field}: must be ${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1) ?? ''}`;
  const suggestion = meant === undefined ? undefined : `Did you mean "${meant}"?`;
  const hint = typeof value === 'string' ? suggestion : `Got ${kindOf(value)}.`;
  return fault(value === null ? atKey(...path) : atValue(...path), 'bad-value', message, hint);
}

function idFault(path: Path): Fault {
  const hint = 'An ID is 32 hexadecimal digits, with or without dashes.';
  return fault(atValue(...path), 'bad-id', 'id: not a valid webhook ID', hint);
}

function emptyFault(path: Path, field: string): Fault {
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
