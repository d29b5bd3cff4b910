import { unknownField } from './fields.js';
import { atKey, atValue, fault, type Fault, type Path } from '../problem.js';
import { wrongType } from './wrong-type.js';

const ID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const LONGEST_URL = 8192;
const LONGEST_FILE = 4096;
const LONGEST_ENV = 255;

/** What is wrong with an `account_id`. */
export function explainAccountId(value: unknown, path: Path): readonly Fault[] {
  if (!Array.isArray(value)) return accountId(value, path, 'a string or a list');
  if (value.length === 0) {
    const hint = 'List at least one account, or remove the field to use CLOUDFLARE_ACCOUNT_ID.';
    return [fault(atValue(...path), 'empty', 'account_id: the list is empty', hint)];
  }
  return value.flatMap((item: unknown, i) => accountId(item, [...path, i], 'a string'));
}

function accountId(value: unknown, path: Path, wanted: string): readonly Fault[] {
  if (typeof value !== 'string') return [wrongType(path, 'account_id', wanted, value)];
  if (ID.test(value)) return [];
  const hint =
    "An account ID is 32 hexadecimal digits. Copy it from the account's overview page in the Cloudflare dashboard.";
  return [fault(atValue(...path), 'bad-account-id', 'account_id: not a valid account ID', hint)];
}

/** What is wrong with a `url` as such; whether its text is a good url is looked at elsewhere. */
export function explainUrl(value: unknown, path: Path): readonly Fault[] {
  const wanted = 'a string or { env: NAME }';
  if (typeof value === 'string') {
    if (value === '') return [fault(atValue(...path), 'empty', 'url: must not be empty')];
    if (value.length <= LONGEST_URL) return [];
    return [tooLong(path, 'url', LONGEST_URL)];
  }
  if (!isMap(value)) return [wrongType(path, 'url', wanted, value)];
  const faults = unknownIn('url', value, path);
  if (!Object.hasOwn(value, 'env')) {
    return faults.length > 0 ? faults : [fault(atValue(...path), 'missing-field', `url: must be ${wanted}`)];
  }
  return [...faults, ...envName(value['env'], [...path, 'env']), ...version(value, path)];
}

/** What is wrong with a `secret` as such. A literal one is looked at elsewhere. */
export function explainSecret(value: unknown, path: Path): readonly Fault[] {
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

function unknownIn(kind: 'url' | 'secret', map: object, path: Path): Fault[] {
  const known = kind === 'url' ? ['env', 'version'] : ['env', 'file', 'version'];
  return Object.keys(map)
    .filter((key) => !known.includes(key))
    .map((key) => unknownField(kind, path, key));
}

function envName(value: unknown, path: Path): readonly Fault[] {
  if (typeof value !== 'string') return [wrongType(path, 'env', 'the name of a variable', value)];
  if (value.length > LONGEST_ENV) return [tooLong(path, 'env', LONGEST_ENV)];
  if (ENV_NAME.test(value)) return [];
  const hint =
    'Write only the name, for example OPS_SLACK_TOKEN: letters, digits and _, without $ and without the value.';
  return [fault(atValue(...path), 'bad-env-name', 'env: not the name of an environment variable', hint)];
}

function filePath(value: unknown, path: Path): readonly Fault[] {
  if (typeof value !== 'string') return [wrongType(path, 'file', 'a string', value)];
  if (value === '') return [fault(atValue(...path), 'empty', 'file: must not be empty')];
  return value.length > LONGEST_FILE ? [tooLong(path, 'file', LONGEST_FILE)] : [];
}

function version(map: Readonly<Record<string, unknown>>, path: Path): readonly Fault[] {
  if (!Object.hasOwn(map, 'version')) return [];
  const value = map['version'];
  const at = [...path, 'version'];
  if (typeof value === 'string' || typeof value === 'boolean') return [];
  if (typeof value !== 'number') return [wrongType(at, 'version', 'a string, a number or a boolean', value)];
  if (Number.isFinite(value)) return [];
  return [fault(atValue(...at), 'bad-value', 'version: not a finite number', 'Quote it.')];
}

function tooLong(path: Path, field: string, most: number): Fault {
  return fault(atValue(...path), 'too-long', `${field}: longer than ${most} characters`, 'Shorten it.');
}
