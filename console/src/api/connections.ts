/** Connections: one customer's link to one integration each. Their credentials are written and never read. */
import { queryOptions } from '@tanstack/react-query';
import { api, unwrap } from './client';
import { usePages } from './pages';
import type { Connection, ConnectionDraft } from './schema';

export type { Connection, ConnectionDraft };

const PAGE_SIZE = 100;

export interface ConnectionsWanted {
  search?: string;
  archived?: boolean;
  /** The ids of its customer and its integration. */
  customer?: string;
  integration?: string;
}

const asQuery = ({ search, archived, customer, integration }: ConnectionsWanted) => ({
  search,
  includeArchived: archived,
  userId: customer,
  integrationId: integration,
});

export const useConnections = (wanted: ConnectionsWanted) =>
  usePages<Connection>(['connections', 'list', wanted], (cursor, signal) =>
    unwrap(api.GET('/connections', { params: { query: { limit: PAGE_SIZE, cursor, ...asQuery(wanted) } }, signal })),
  );

export const connectionQuery = (selector: string) =>
  queryOptions({
    queryKey: ['connections', 'one', selector],
    queryFn: ({ signal }): Promise<Connection> =>
      unwrap(api.GET('/connections/{selector}', { params: { path: { selector } }, signal })),
  });

export const createConnection = (body: ConnectionDraft): Promise<Connection> =>
  unwrap(api.POST('/connections', { body }));

export const changeConnection = (selector: string, body: ConnectionDraft): Promise<Connection> =>
  unwrap(api.PATCH('/connections/{selector}', { params: { path: { selector } }, body }));

export const archiveConnection = (selector: string) =>
  unwrap(api.DELETE('/connections/{selector}', { params: { path: { selector } } }));

export const restoreConnection = (selector: string) =>
  unwrap(api.POST('/connections/{selector}/restore', { params: { path: { selector } } }));

/** Has the connection's access token renewed now. */
export const renewToken = (selector: string) =>
  unwrap(api.POST('/connections/{selector}/refresh-credentials', { params: { path: { selector } } }));
