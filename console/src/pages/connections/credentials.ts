/** Credentials of a connection as a form: the fields that the integration's authentication reads, or any JSON object. */
import type { Auth } from '@/api/integrations';
import { type JsonObject, readJsonObject } from '@/lib/json';
import { readAuth, VALUES } from '../integrations/authForm';

export interface CredentialField {
  /** Where it stands in the credentials: `token`, or `own.token`. */
  name: string;
  label: string;
  isSecret?: boolean;
  isNumber?: boolean;
  description?: string;
}

export interface CredentialsForm {
  way: 'fields' | 'json';
  fields: Record<string, string>;
  json: string;
}

const PREFIX = '$.credentials.';

const OF_CUSTOMER: CredentialField[] = [
  { name: 'access_token', label: 'Access token', isSecret: true },
  { name: 'refresh_token', label: 'Refresh token', isSecret: true },
  { name: 'expires_at', label: 'Expires at', isNumber: true, description: 'In seconds since 1970; may be left out' },
];

export const NOTHING: CredentialsForm = { way: 'fields', fields: {}, json: '' };

/** What a connection's credentials hold for an authentication; nothing if that is not known. */
export function credentialFields(auth: Auth | null | undefined): CredentialField[] {
  if (!auth) return [];
  const form = readAuth(auth);
  const own = VALUES[auth.type].flatMap(({ name, label, path, isSecret }): CredentialField[] => {
    const value = form.values[name];
    // Where a kept secret is, nobody says: it may be in the connection, at its usual place.
    const place = value?.source === 'kept' ? path : value?.source === 'connection' ? value.text : '';
    if (!place.startsWith(PREFIX)) return [];
    const description = value?.source === 'kept' ? 'Only if the integration has none for all connections' : undefined;
    return [{ name: place.slice(PREFIX.length), label, isSecret, description }];
  });
  return auth.type === 'oauth2' ? [...OF_CUSTOMER, ...own] : own;
}

/** The credentials that a form says; null if it says none. Throws an error to be shown where the JSON is wrong. */
export function writeCredentials(form: CredentialsForm, fields: CredentialField[]): JsonObject | null {
  if (form.way === 'json' || fields.length === 0) return readJsonObject(form.json);
  const credentials: JsonObject = {};
  for (const { name, isNumber } of fields) {
    const text = form.fields[name] ?? '';
    if (text) setAt(credentials, name.split('.'), isNumber ? Number(text) : text);
  }
  return Object.keys(credentials).length > 0 ? credentials : null;
}

function setAt(object: JsonObject, [name = '', ...rest]: string[], value: unknown): void {
  // Own properties only: a place such as `__proto__.x` is a name like any other.
  const put = (to: unknown) =>
    Object.defineProperty(object, name, { value: to, enumerable: true, writable: true, configurable: true });
  if (rest.length === 0) {
    put(value);
    return;
  }
  if (!Object.hasOwn(object, name)) put({});
  setAt(object[name] as JsonObject, rest, value);
}
