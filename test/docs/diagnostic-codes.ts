import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const CONFIG = path.join(import.meta.dirname, '../../src/config');

/** What it makes are guards, whose codes are a type that the compiler holds to its explanations. */
const GUARDS_ONLY = 'secret-store.ts';

/** In which argument the makers of faults take the code. */
export const MAKERS: Readonly<Record<string, number>> = {
  fault: 1,
  warning: 1,
  make: 1,
  error: 0,
  bad: 0,
  '#no': 1,
  checkDeclared: 1,
};

/** Every code that a diagnostic of a desired-state file can have, read from the source. */
export function diagnosticCodes(): readonly string[] {
  const found = new Set<string>();
  eachNode((node) => {
    for (const code of codesIn(node)) found.add(code);
  });
  return [...found].sort();
}

/** What takes a parameter named `code`, and which of its parameters that is. */
export function takersOfCodes(): readonly (readonly [name: string, index: number])[] {
  const found: (readonly [string, number])[] = [];
  eachNode((node) => {
    if (!ts.isFunctionDeclaration(node) && !ts.isMethodDeclaration(node) && !ts.isArrowFunction(node)) return;
    const index = node.parameters.findIndex(({ name }) => name.getText() === 'code');
    const named = ts.isArrowFunction(node) && ts.isVariableDeclaration(node.parent) ? node.parent : node;
    const name = named.name?.getText() ?? '(unnamed)';
    if (index >= 0) found.push([name, index]);
  });
  return found;
}

function eachNode(see: (node: ts.Node) => void): void {
  for (const file of readdirSync(CONFIG, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || file.endsWith(GUARDS_ONLY)) continue;
    const text = readFileSync(path.join(CONFIG, file), 'utf8');
    const visit = (node: ts.Node): void => {
      see(node);
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
  }
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
