import { expect, test } from 'vitest';
import type { DataLink } from '@/api/schema';
import { firstPage, toRestore, without } from './lists';

const link = (id: string, microseconds: string) =>
  ({ id, updatedAt: `2026-11-24T17:57:56.${microseconds}Z` }) as DataLink;
const idsOf = (links: DataLink[]) => links.map(({ id }) => id);

test('links that were written in one millisecond are restored oldest first', () => {
  expect(idsOf(toRestore([link('c', '582057'), link('b', '582056'), link('a', '582055')]))).toEqual(['a', 'b', 'c']);
});

test('links that were written at once are restored from the end of the list', () => {
  expect(idsOf(toRestore([link('b', '582057'), link('a', '582057')]))).toEqual(['a', 'b']);
});

test('deleted links leave every page, and pages keep their cursors', () => {
  const data = {
    pages: [{ items: [link('1', '000003'), link('2', '000002')], cursor: 'x' }, { items: [link('3', '000001')] }],
    pageParams: [undefined, 'x'],
  };
  const left = without(data, new Set(['1', '3']));
  expect(left?.pages.map((page) => idsOf(page.items))).toEqual([['2'], []]);
  expect(left?.pages[0]?.cursor).toBe('x');
  expect(firstPage(data)).toEqual({ pages: [data.pages[0]], pageParams: [undefined] });
});
