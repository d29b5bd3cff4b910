import type { Diagnostic } from '../core/diagnostic.js';
import { forTerminal, jsonText } from '../text/untrusted.js';
import { sortDiagnostics } from './diagnostics.js';

/**
 * Renders errors and warnings as SARIF 2.1.0, for code scanning. `version`: of hookwright
 * (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html).
 */
export function renderSarif(diagnostics: readonly Diagnostic[], version: string): string {
  const sorted = sortDiagnostics(diagnostics);
  const codes = [...new Set(sorted.map(({ code }) => code))].sort();
  return `${jsonText({
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'hookwright',
            version,
            rules: codes.map((id) => ({ id, shortDescription: { text: id.replaceAll('-', ' ') } })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: sorted.map((diagnostic) => result(diagnostic, codes.indexOf(diagnostic.code))),
      },
    ],
  })}\n`;
}

function result(diagnostic: Diagnostic, ruleIndex: number): Readonly<Record<string, unknown>> {
  const { code, severity, message, hint, file, line, column } = diagnostic;
  const text = hint === undefined ? message : `${message}\n${hint}`;
  return {
    ruleId: code,
    ruleIndex,
    level: severity,
    message: { text: text.split('\n').map(plain).join('\n') },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: fileUri(file) },
          region: { startLine: line, startColumn: column },
        },
      },
    ],
  };
}

/** SARIF treats `[text](target)` in a message as a link, so brackets are escaped (section 3.11.6). */
function plain(text: string): string {
  return forTerminal(text)
    .replace(/\[(?=[^\]]*\]\()/g, '\\[')
    .replace(/\](?=\()/g, '\\]');
}

/** Returns a path as a URI reference. A relative path stays relative to the root of the checkout. */
function fileUri(path: string): string {
  const slashes = path
    .replace(/\p{Cs}/gu, '\ufffd')
    .replaceAll('\\', '/')
    .replace(/^(\.\/)+/, '');
  const encoded = slashes.split('/').map(encodeURIComponent).join('/');
  if (slashes.startsWith('/')) return `file://${encoded}`;
  return /^[A-Za-z]:\//.test(slashes) ? `file:///${slashes.slice(0, 2)}${encoded.slice(4)}` : encoded;
}
