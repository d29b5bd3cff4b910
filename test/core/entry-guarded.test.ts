import { expect, test } from '@jest/globals';
import { markedName } from '../../src/core/leftovers.js';
import { account, desired, id, live, URL_1, URL_2, URL_3 } from '../support/core/builders.js';
import { briefs, guardCodes, planOf } from '../support/core/planning.js';

const MARKED = markedName('Ops');

test('pinned: the pinned one stays, what an earlier replace left goes', () => {
  const file = account([desired('Ops', URL_1, { id: id(1) })]);
  const planned = planOf(file, [live(1, 'Ops', URL_1), live(2, MARKED, URL_2)]);
  expect(briefs(planned.actions)).toEqual(['replace #2 Ops: finish-replace; keeps #1']);
  expect(guardCodes(planned)).toEqual([]);
});

test('pinned under another name: still no replace of it', () => {
  const file = account([desired('Ops', URL_1, { id: id(1), protect: true })]);
  const planned = planOf(file, [live(1, 'Chat', URL_1), live(2, MARKED, URL_2)]);
  expect(briefs(planned.actions)).toEqual(['replace #2 Ops: finish-replace; keeps #1']);
  expect(guardCodes(planned)).toEqual([]);
});

test('pinned with another url: refused, not passed over', () => {
  const file = account([desired('Ops', URL_3, { id: id(1) })]);
  const planned = planOf(file, [live(1, 'Ops', URL_1), live(2, MARKED, URL_2)]);
  expect(briefs(planned.actions)).toEqual(['replace #1 Ops: url-changed, finish-replace; retires #1 #2']);
  expect(guardCodes(planned)).toEqual(['pinned']);
});

test('pinned, and what a replace left has the wanted url: not taken instead of the pinned one', () => {
  const file = account([desired('Ops', URL_2, { id: id(1) })]);
  const planned = planOf(file, [live(1, 'Ops', URL_1), live(2, MARKED, URL_2)]);
  expect(briefs(planned.actions)).toEqual(['replace #1 Ops: url-changed, finish-replace; retires #1 #2']);
  expect(guardCodes(planned)).toEqual(['pinned']);
});

test('pinned with another url in place: moved there', () => {
  const strategy = { url: 'in-place', secret: 'replace' } as const;
  const file = account([desired('Ops', URL_3, { id: id(1) })], { strategy });
  const planned = planOf(file, [live(1, 'Ops', URL_1), live(2, MARKED, URL_2)]);
  expect(briefs(planned.actions)).toEqual(['replace #2 Ops: finish-replace, url-changed; keeps #1']);
  expect(guardCodes(planned)).toEqual([]);
});

test('a pinned id that is not live: what a replace left is not touched either', () => {
  const file = account([desired('Ops', URL_2, { id: id(9) })]);
  const planned = planOf(file, [live(2, MARKED, URL_2)]);
  expect(planned.actions).toEqual([]);
  expect(guardCodes(planned)).toEqual(['pinned']);
});

test('protected: its old one is not given up for a marked one', () => {
  const file = account([desired('Ops', URL_2, { protect: true })]);
  const planned = planOf(file, [live(1, 'Ops', URL_1), live(2, MARKED, URL_2)]);
  expect(briefs(planned.actions)).toEqual(['replace #1 Ops: finish-replace; keeps #2']);
  expect(guardCodes(planned)).toEqual(['protected']);
  const more = planOf(file, [live(1, 'Ops', URL_1), live(2, MARKED, URL_2), live(3, MARKED, URL_3)]);
  expect(briefs(more.actions)).toEqual(['replace #1 Ops: finish-replace; retires #1 #3; keeps #2']);
  expect(guardCodes(more)).toEqual(['protected']);
});

test('protected: the last that is left of it is not replaced, but gets its name back', () => {
  const file = (url: string) => account([desired('Ops', url, { protect: true })]);
  const found = [live(2, MARKED, URL_2)];
  expect(guardCodes(planOf(file(URL_2), found))).toEqual([]);
  expect(briefs(planOf(file(URL_2), found).actions)).toEqual(['update #2 Ops: finish-replace']);
  expect(guardCodes(planOf(file(URL_3), found))).toEqual(['protected']);
});

test('protected: left-overs go while it stays, also under its previous name', () => {
  const file = account([desired('Ops', URL_1, { protect: true, previously: ['Chat'] })]);
  for (const name of ['Ops', 'Chat']) {
    const planned = planOf(file, [live(1, name, URL_1), live(2, MARKED, URL_2)]);
    expect(briefs(planned.actions)).toEqual(['replace #2 Ops: finish-replace; keeps #1']);
    expect(guardCodes(planned)).toEqual([]);
  }
});

test('ambiguous: its left-overs are not touched', () => {
  const found = [live(1, 'Ops', URL_1), live(3, 'Ops', URL_2), live(2, MARKED, URL_2)];
  const planned = planOf(account([desired('Ops', URL_3)]), found);
  expect(planned.actions).toEqual([]);
  expect(guardCodes(planned)).toEqual(['ambiguous-name']);
});
