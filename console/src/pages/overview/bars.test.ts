import { expect, test } from 'vitest';
import { barsOf, roundTop } from './bars';

const HOUR = { hour: '2026-01-01T00:00:00Z', linksWritten: 0, linksDeleted: 0, findsHit: 75, findsMissed: 25 };

test.each([
  [0, 1],
  [1, 1],
  [3, 5],
  [10, 10],
  [11, 20],
  [432, 500],
  [999_999, 1_000_000],
])('the top above %d is %d', (largest, top) => {
  expect(roundTop(largest)).toBe(top);
});

test('bars stand on one another', () => {
  expect(barsOf(HOUR, ['findsHit', 'findsMissed'], 100, 200)).toEqual([
    { key: 'findsHit', y: 50, height: 150 },
    { key: 'findsMissed', y: 0, height: 50 },
  ]);
});

test('nothing has no bar, and little can be seen', () => {
  expect(barsOf(HOUR, ['linksWritten'], 100, 200)).toEqual([]);
  expect(barsOf({ ...HOUR, findsHit: 1 }, ['findsHit'], 1_000_000, 200)).toEqual([
    { key: 'findsHit', y: 198, height: 2 },
  ]);
});
