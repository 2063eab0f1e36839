import { expect, test } from 'vitest';
import { jsonMistake, readJsonObject, writeJson } from './json';

test('an empty text is nothing', () => {
  expect(readJsonObject('  ')).toBeNull();
  expect(writeJson(null)).toBe('');
});

test('an object is read as it was written', () => {
  const value = { plan: 'gold', seats: [1, 2] };
  expect(readJsonObject(writeJson(value))).toEqual(value);
});

test.each(['[1]', '3', 'null', '{"a":'])('%s is refused in words', (text) => {
  expect(jsonMistake(text)).toMatch(/^This (is not JSON|must be a JSON object)/);
});
