import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const CONFIG = path.join(import.meta.dirname, '../../src/config');

/** What it makes are guards, whose codes are a type that the compiler holds to its explanations. */
const GUARDS_ONLY = 'secret-store.ts';

/** In which argument the makers of faults take the code. Other makers fail the test that uses this. */
const MAKERS: Readonly<Record<string, number>> = {
  fault: 1,
  warning: 1,
  make: 1,
  error: 0,
  bad: 0,
  '#no': 1,
  check: 1,
};

/** Every code that a diagnostic of a desired-state file can have, read from the source. */
export function diagnosticCodes(): readonly string[] {
  const found = new Set<string>();
  for (const file of readdirSync(CONFIG)) {
    if (!file.endsWith('.ts') || file === GUARDS_ONLY) continue;
    const text = readFileSync(path.join(CONFIG, file), 'utf8');
    const visit = (node: ts.Node): void => {
      for (const code of codesIn(node)) found.add(code);
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
  }
  return [...found].sort();
}

function codesIn(node: ts.Node): readonly string[] {
  if (ts.isPropertyAssignment(node) && node.name.getText() === 'code') return literals(node.initializer);
  if (ts.isVariableDeclaration(node) && node.name.getText() === 'CODES' && node.initializer) {
    return ts.isObjectLiteralExpression(node.initializer)
      ? node.initializer.properties.flatMap((property) =>
          ts.isPropertyAssignment(property) ? literals(property.initializer) : [],
        )
      : [];
  }
  if (!ts.isCallExpression(node)) return [];
  const { expression } = node;
  const name = ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText();
  // `BlockList.check(address, 'ipv4')` is Node's, not ours.
  if (name === 'check' && node.arguments.length < 3) return [];
  const argument = node.arguments[MAKERS[name] ?? -1];
  return argument ? literals(argument) : [];
}

/** The texts that an expression can come to: `a ?? 'x'`, `b ? 'x' : 'y'`. */
function literals(node: ts.Expression): readonly string[] {
  if (ts.isStringLiteral(node)) return [node.text];
  if (ts.isConditionalExpression(node)) return [...literals(node.whenTrue), ...literals(node.whenFalse)];
  if (ts.isBinaryExpression(node)) return [...literals(node.left), ...literals(node.right)];
  return [];
}
