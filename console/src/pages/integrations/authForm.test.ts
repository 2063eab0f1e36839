import { expect, test } from 'vitest';
import type { Auth } from '@/api/integrations';
import { readAuth, withType, writeAuth } from './authForm';

const SAVED: Auth[] = [
  { type: 'none' },
  { type: 'bearer', token: { $var: '$.credentials.own.token' } },
  { type: 'basic', username: 'robot', password: { $var: '$.input.password' } },
  { type: 'api-key', in: 'query', name: 'key', prefix: 'Token ', value: { $var: '$.credentials.apiKey' } },
  {
    type: 'oauth2-client-credentials',
    clientId: 'client',
    clientSecret: { $var: '$.credentials.clientSecret' },
    tokenUri: 'https://login.example.com/token',
    scopes: ['read', 'write'],
    clientAuthLocation: 'body',
    extra: { audience: 'https://api.example.com/?a=b' },
  },
];

test.each(SAVED)('what is saved and not changed is written as it was: $type', (auth) => {
  expect(writeAuth(readAuth(auth))).toEqual(auth);
});

test('a secret that is not shown is left out, so that the server keeps it', () => {
  expect(writeAuth(readAuth({ type: 'bearer' }))).toEqual({ type: 'bearer' });
});

test('another type takes its values from each connection', () => {
  const form = withType(readAuth({ type: 'bearer' }), 'basic', { type: 'bearer' });
  expect(writeAuth(form)).toEqual({
    type: 'basic',
    username: { $var: '$.credentials.username' },
    password: { $var: '$.credentials.password' },
  });
});

test('the saved type chosen again is as it was saved', () => {
  const saved: Auth = { type: 'bearer' };
  const form = withType(withType(readAuth(saved), 'basic', saved), 'bearer', saved);
  expect(writeAuth(form)).toEqual(saved);
});
