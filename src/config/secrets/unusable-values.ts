import { urlProblem } from '../../core/urls.js';
import { templateIn } from '../../text/templates.js';

/** Placeholders that are left where a secret belongs. */
const PLACEHOLDER =
  /^(?:change[-_ ]?me!?|your[-_ ].*[-_ ]here|null|nil|undefined|none|todo|redacted|x{3,}|\*+|<[^]*>|\[[^]*\]|\([^]*\))$/i;

/** References that a secret manager's tool resolves, and how to resolve them. */
const REFERENCES: readonly (readonly [form: RegExp, manager: string, how: string])[] = [
  [/^op:\/\//, '1Password', 'run hookwright with "op run"'],
  [/^vault:/, 'Vault', 'have it resolved before hookwright runs'],
  [/^ref\+/, 'vals', 'run hookwright with "vals exec"'],
  [/^arn:aws[\w-]*:(?:secretsmanager|ssm):/, 'AWS', 'have it resolved before hookwright runs'],
  [/^projects\/[^/]+\/secrets\//, 'Google Secret Manager', 'have it resolved before hookwright runs'],
  [/^file:\/\//, 'a file', 'write { file: PATH } in the desired-state file'],
  [/^ENC\[/, 'SOPS', 'run hookwright with "sops exec-env"'],
  [/^@Microsoft\.KeyVault\(/, 'Azure Key Vault', 'have it resolved before hookwright runs'],
];

/** Returns why a value cannot be a secret (`is empty`), or `undefined`. Never quotes the value. */
export function checkSecretValue(value: string): string | undefined {
  if (value.trim() === '') return 'is empty';
  if (/[\r\n]/.test(value)) return 'contains a newline';
  if (value.includes('\0')) return 'contains a NUL character';
  if (value.startsWith('\uFEFF')) return 'starts with a byte order mark';
  if (value !== value.trim()) return 'starts or ends with a space';
  if (/^(["'`]).*\1$/.test(value)) return 'is in quotes';
  const reference = REFERENCES.find(([form]) => form.test(value));
  if (reference) return `is an unresolved reference of ${reference[1]} (${reference[2]})`;
  return PLACEHOLDER.test(value) || isTemplate(value) ? 'is a placeholder, not a secret' : undefined;
}

/** Reports whether the whole text is one template. A secret may contain something that looks like one. */
function isTemplate(text: string): boolean {
  return (
    templateIn(text) !== undefined &&
    /^(?:\$\{.*\}|\{\{.*\}\}|\$\(.*\)|##.*##|@@.*@@|\$[A-Z0-9_]+)$/.test(text)
  );
}

/** Does the same for a value that must be a URL. */
export function checkUrlValue(value: string): string | undefined {
  const reason = checkSecretValue(value);
  if (reason !== undefined) return reason;
  if (templateIn(value) || /<[^>]*>/.test(value)) return 'contains a placeholder';
  return urlProblem(value);
}
