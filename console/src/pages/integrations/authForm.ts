/** An integration's authentication as a form: how it is read into one, and written from one. */
import type { Auth } from '@/api/integrations';

export type AuthType = Auth['type'];

/** Where a value comes from. A secret that is kept is not shown, and stays if nothing is sent for it. */
export type Source = 'kept' | 'connection' | 'fixed';

export interface ValueForm {
  source: Source;
  /** The value itself, or where it stands in the connection. */
  text: string;
}

export interface AuthForm {
  type: AuthType;
  /** By the names of the values that the type has. */
  values: Record<string, ValueForm>;
  in: 'header' | 'query';
  name: string;
  prefix: string;
  tokenUri: string;
  scopes: string;
  clientAuthLocation: 'headers' | 'body';
  /** Lines of `name=value`. */
  extra: string;
}

export interface Value {
  name: string;
  label: string;
  /** Where it stands in a connection unless the integration says otherwise. */
  path: string;
  isSecret?: boolean;
}

const CLIENT: Value[] = [
  { name: 'clientId', label: 'Client id', path: '$.credentials.clientId' },
  { name: 'clientSecret', label: 'Client secret', path: '$.credentials.clientSecret', isSecret: true },
];

/** The values of each way of authentication. */
export const VALUES: Record<AuthType, Value[]> = {
  none: [],
  bearer: [{ name: 'token', label: 'Token', path: '$.credentials.token', isSecret: true }],
  basic: [
    { name: 'username', label: 'User name', path: '$.credentials.username' },
    { name: 'password', label: 'Password', path: '$.credentials.password', isSecret: true },
  ],
  'api-key': [{ name: 'value', label: 'API key', path: '$.credentials.apiKey', isSecret: true }],
  'oauth2-client-credentials': CLIENT,
  oauth2: CLIENT,
};

export const TYPE_LABELS: Record<AuthType, string> = {
  none: 'None',
  bearer: 'Bearer token',
  basic: 'User name and password (basic)',
  'api-key': 'API key',
  'oauth2-client-credentials': 'OAuth 2: client credentials',
  oauth2: 'OAuth 2: refresh token of each customer',
};

type Loose = Record<string, unknown>;

export function readAuth(auth: Auth | null | undefined): AuthForm {
  const given: Loose = auth ?? {};
  const type = auth?.type ?? 'none';
  return {
    type,
    values: Object.fromEntries(VALUES[type].map((each) => [each.name, readValue(each, given[each.name])])),
    in: given.in === 'query' ? 'query' : 'header',
    name: asText(given.name),
    prefix: asText(given.prefix),
    tokenUri: asText(given.tokenUri),
    scopes: Array.isArray(given.scopes) ? given.scopes.join(' ') : '',
    clientAuthLocation: given.clientAuthLocation === 'body' ? 'body' : 'headers',
    extra: Object.entries((given.extra ?? {}) as Record<string, string>)
      .map((each) => each.join('='))
      .join('\n'),
  };
}

/** The same form for another type: its values come from each connection, as is usual. */
export function withType(form: AuthForm, type: AuthType, saved: Auth | null | undefined): AuthForm {
  if (type === saved?.type) return { ...readAuth(saved) };
  const values = VALUES[type].map(({ name, path }) => [name, { source: 'connection', text: path }]);
  return { ...form, type, values: Object.fromEntries(values) };
}

export function writeAuth(form: AuthForm): Auth {
  const values: Loose = {};
  for (const { name } of VALUES[form.type]) {
    const value = form.values[name];
    if (!value || value.source === 'kept') continue;
    values[name] = value.source === 'fixed' ? value.text : { $var: value.text.trim() };
  }
  return { type: form.type, ...values, ...ownFields(form) } as Auth;
}

function ownFields(form: AuthForm): Loose {
  if (form.type === 'api-key') {
    return { in: form.in, name: form.name.trim(), prefix: form.prefix };
  }
  if (form.type !== 'oauth2' && form.type !== 'oauth2-client-credentials') return {};
  return {
    tokenUri: form.tokenUri.trim(),
    scopes: form.scopes.split(/\s+/).filter(Boolean),
    clientAuthLocation: form.clientAuthLocation,
    extra: readLines(form.extra),
  };
}

function readLines(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line.trim());
  return Object.fromEntries(
    lines.map((line) => {
      const [name = '', ...value] = line.split('=');
      return [name.trim(), value.join('=').trim()];
    }),
  );
}

function readValue({ path, isSecret }: Value, value: unknown): ValueForm {
  if (typeof value === 'string') return { source: 'fixed', text: value };
  if (typeof value === 'object' && value !== null) return { source: 'connection', text: asText((value as Loose).$var) };
  return isSecret ? { source: 'kept', text: '' } : { source: 'connection', text: path };
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : '');
