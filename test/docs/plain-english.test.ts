import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import ts from 'typescript';
import { exampleFiles } from '../examples/files.js';
import { PAGES, ROOT } from './pages.js';

/**
 * The worst signs of text that reads as if it were translated, and British spellings. Each is wrong wherever it stands,
 * so that none needs an exception.
 */
const TELL_TALES: readonly RegExp[] = [
  // Verbs and pronouns
  /\bshall\b/i,
  /\b(?:whoever|(?:some|any|every|no)body)\b/i,
  /^\/\*\*\s*(?:Gives|Tells)\b/,
  /\bmend(?:s|ed|ing)?\b/i,
  /\b(?:is|are|was|were|be|been) told\b(?! apart)/i,
  /\btold (?:of|from|once|on|to|with)\b/i,
  /\btells? of\b/i,
  /\basked for by\b/i,
  /\b(?:anew|for ever)\b/i,
  /\bwhat is (?:live|there)\b/i,
  /\bas it stands\b/i,
  /\bin clear\b/i,
  /\bmakes? it so\b/i,
  /\bstands? (?:twice|here|there|open|around|behind)\b/i,
  /\bgo(?:es)? on where\b/i,
  /\bunder way\b/i,
  /\bat hand\b/i,
  // Negatives and comparisons
  /\bnot (?:\w+ )?any ?more\b/i,
  /(?<!\bthere )\b(?:is|are|was|were) no (?!longer\b|more\b|such\b)\w+/i,
  /\b(?:is|are|becomes?) another\b(?! (?:apply|run|webhook|process|program|way\b))/i,
  /\botherwise than\b/i,
  /\bof (?:that|this) name\b/i,
  /\bseldom\b/i,
  /\bby (?:itself|themselves) that\b/i,
  /\blike that one\b/i,
  /\bnothing (?:a user )?need\b/i,
  // Phrases that a reviewer found
  /drift is gone; a check/i,
  /send a credential elsewhere/i,
  /anything unclear is settled/i,
  /read otherwise/i,
  /\bonly those\b[^.]*\bare told\b/i,
  /what is open where it ends/i,
  /\bthe way (?:here|on)\b/i,
  /\bcut alerts\b/i,
  /\bre-?point(?:s|ed|ing)?\b/i,
  // British spellings
  /\b(?:be?haviour|colour|honour|favour|neighbour)\w*/i,
  /\b(?:normali|neutrali|recogni|reali|organi|summari|generali|optimi|minimi|initiali|seriali|authori|speciali|customi|capitali)s(?:e|es|ed|ing|ation)\b/i,
  /\b(?:licence|misspelt|centre|catalogue|whilst|amongst|towards|e-mail)\b/i,
];

type Text = { readonly where: string; readonly text: string };

/** Comments and strings of a source file, each with its line. */
function wordsOf(file: string): readonly Text[] {
  const source = readFileSync(path.join(ROOT, file), 'utf8');
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const found: Text[] = [];
  const add = (start: number, text: string): void => {
    found.push({ where: `${file}:${tree.getLineAndCharacterOfPosition(start).line + 1}`, text });
  };
  const comments = new Set<number>();
  const visit = (node: ts.Node): void => {
    for (const { pos, end } of ts.getLeadingCommentRanges(source, node.getFullStart()) ?? []) {
      if (!comments.has(pos)) add(pos, source.slice(pos, end));
      comments.add(pos);
    }
    for (const { pos, end } of ts.getTrailingCommentRanges(source, node.end) ?? []) {
      if (!comments.has(pos)) add(pos, source.slice(pos, end));
      comments.add(pos);
    }
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
      add(node.getStart(), node.text);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

const linesOf = (file: string): readonly Text[] =>
  readFileSync(path.join(ROOT, file), 'utf8')
    .split('\n')
    .map((text, index) => ({ where: `${file}:${index + 1}`, text }));

const below = (folder: string, ending: string): readonly string[] =>
  readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => `${folder}/${file}`)
    .sort();

const read = [...new Set([...PAGES, ...exampleFiles(), ...below('schemas', '.json')])];
const READ = [...read, 'CHANGELOG.md', 'action.yml', '.pre-commit-hooks.yaml', 'package.json', 'Dockerfile'];

/** `FILE:LINE: what was found`. A sentence that is broken over lines of a comment is joined. */
function foundIn(texts: readonly Text[]): readonly string[] {
  return texts.flatMap(({ where, text }) => {
    const joined = text.replaceAll(/\n\s*(?:\*|\/\/)?\s*/g, ' ');
    return TELL_TALES.flatMap((tellTale) => {
      const [match] = tellTale.exec(joined) ?? [];
      return match === undefined ? [] : [`${where}: ${match}`];
    });
  });
}

test.each(READ)('%s is in plain English', (file) => {
  expect(foundIn(linesOf(file))).toEqual([]);
});

test('the messages and comments of src are in plain English', () => {
  expect(below('src', '.ts').flatMap(wordsOf).length).toBeGreaterThan(1000);
  expect(foundIn(below('src', '.ts').flatMap(wordsOf))).toEqual([]);
});

/** All but this one, which quotes what it looks for. */
const tests = below('test', '.test.ts').filter((file) => file !== 'test/docs/plain-english.test.ts');

test('the comments and names of tests are in plain English', () => {
  expect(foundIn(tests.flatMap(wordsOf))).toEqual([]);
});

test.each([
  ['It is no terminal.', 'is no terminal'],
  ['The colour of the run.', 'colour'],
  ['a webhook of that name', 'of that name'],
])('finds what is wrong in %j', (text, expected) => {
  expect(foundIn([{ where: 'x:1', text }])).toContain(`x:1: ${expected}`);
});
