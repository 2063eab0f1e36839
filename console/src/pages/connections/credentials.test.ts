import { expect, test } from 'vitest';
import { credentialFields, NOTHING, writeCredentials } from './credentials';

const names = (auth: Parameters<typeof credentialFields>[0]) => credentialFields(auth).map((each) => each.name);

test('the fields are those that the authentication reads', () => {
  expect(names(null)).toEqual([]);
  expect(names({ type: 'none' })).toEqual([]);
  expect(names({ type: 'bearer' })).toEqual(['token']);
  expect(names({ type: 'basic', username: 'robot', password: { $var: '$.input.password' } })).toEqual([]);
  expect(names({ type: 'api-key', name: 'X-Key', value: { $var: '$.credentials.own.key' } })).toEqual(['own.key']);
  expect(names({ type: 'oauth2', tokenUri: 'https://x.example', clientId: 'us' })).toEqual([
    'access_token',
    'refresh_token',
    'expires_at',
    'clientSecret',
  ]);
});

test('fields that are filled in become credentials at their places', () => {
  const fields = [
    { name: 'own.key', label: 'Key' },
    { name: 'expires_at', label: 'Expires', isNumber: true },
  ];
  const form = { ...NOTHING, fields: { 'own.key': 'abc', expires_at: '1893456000', stray: 'x' } };
  expect(writeCredentials(form, fields)).toEqual({ own: { key: 'abc' }, expires_at: 1893456000 });
});

test('nothing filled in is nothing to write', () => {
  expect(writeCredentials(NOTHING, [{ name: 'token', label: 'Token' }])).toBeNull();
  expect(writeCredentials(NOTHING, [])).toBeNull();
});

test('a place cannot reach what every object has', () => {
  writeCredentials({ ...NOTHING, fields: { '__proto__.x': '1' } }, [{ name: '__proto__.x', label: 'x' }]);
  expect(({} as Record<string, unknown>).x).toBeUndefined();
});

test('JSON is taken as it is written', () => {
  expect(writeCredentials({ ...NOTHING, way: 'json', json: '{"a": [1]}' }, [])).toEqual({ a: [1] });
  expect(() => writeCredentials({ ...NOTHING, way: 'json', json: '[1]' }, [])).toThrow('object');
});
