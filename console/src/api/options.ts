/** What a `SearchSelect` of each resource looks up: `<SearchSelect label="Table" {...TABLE_OPTIONS} … />`. */
import type { Option } from '@/components/SearchSelect';
import { api, unwrap } from './client';

const LIMIT = 50;

interface Named {
  id: string;
  name: string;
}

const asOption = ({ id, name }: Named): Option => ({ value: id, label: name || id });

export const TABLE_OPTIONS = {
  resource: 'tables',
  load: async (search: string, signal: AbortSignal) =>
    (await unwrap(api.GET('/data-link-tables', { params: { query: { search, limit: LIMIT } }, signal }))).items.map(
      asOption,
    ),
  find: async (selector: string, signal: AbortSignal) =>
    asOption(await unwrap(api.GET('/data-link-tables/{selector}', { params: { path: { selector } }, signal }))),
};

export const CUSTOMER_OPTIONS = {
  resource: 'customers',
  load: async (search: string, signal: AbortSignal) =>
    (await unwrap(api.GET('/customers', { params: { query: { search, limit: LIMIT } }, signal }))).items.map(
      customerOption,
    ),
  find: async (selector: string, signal: AbortSignal) =>
    customerOption(await unwrap(api.GET('/customers/{selector}', { params: { path: { selector } }, signal }))),
};

export const INTEGRATION_OPTIONS = {
  resource: 'integrations',
  load: async (search: string, signal: AbortSignal) =>
    (await unwrap(api.GET('/integrations', { params: { query: { search, limit: LIMIT } }, signal }))).items.map(
      asOption,
    ),
  find: async (selector: string, signal: AbortSignal) =>
    asOption(await unwrap(api.GET('/integrations/{selector}', { params: { path: { selector } }, signal }))),
};

/** Connections, of one customer or to one integration only if they are given. */
export const connectionOptions = (customer?: string, integration?: string) => ({
  resource: 'connections',
  scope: [customer, integration].join(' '),
  load: async (search: string, signal: AbortSignal) =>
    (
      await unwrap(
        api.GET('/connections', {
          params: { query: { search, userId: customer, integrationId: integration, limit: LIMIT } },
          signal,
        }),
      )
    ).items.map(connectionOption),
  find: async (selector: string, signal: AbortSignal) =>
    connectionOption(await unwrap(api.GET('/connections/{selector}', { params: { path: { selector } }, signal }))),
});

function customerOption({ id, name, internalId }: Named & { internalId: string }): Option {
  return { value: id, label: name && name !== internalId ? `${name} (${internalId})` : internalId };
}

interface OfCustomer extends Named {
  user?: { name: string; internalId: string } | null;
}

/** A connection with its customer, as many have the same name. */
function connectionOption({ id, name, user }: OfCustomer): Option {
  const customer = user && (user.name || user.internalId);
  return { value: id, label: customer && !name.includes(customer) ? `${name || id} · ${customer}` : name || id };
}
