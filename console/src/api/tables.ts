/** Data link tables, and the instances of one. */
import { queryOptions } from '@tanstack/react-query';
import { api, unwrap } from './client';
import { usePages } from './pages';
import type {
  DataLinkTable,
  DataLinkTableDraft,
  DataLinkTableInstance,
  LinkCount,
  PageDataLinkTable,
  PageDataLinkTableInstance,
} from './schema';

const PAGE_SIZE = 100;

interface Filters {
  search?: string;
  archived?: boolean;
}

/** The workspace's tables with what they hold, newest first. */
export function useTables({ search, archived }: Filters) {
  return usePages<DataLinkTable>(['tables', 'list', search, archived], (cursor, signal) =>
    unwrap(
      api.GET('/data-link-tables', {
        params: { query: { search, includeArchived: archived, includeCounts: true, limit: PAGE_SIZE, cursor } },
        signal,
      }),
    ).then((page) => page as PageDataLinkTable),
  );
}

/** A table by id or key, archived or not. */
export const tableQuery = (selector: string) =>
  queryOptions({
    queryKey: ['tables', 'one', selector],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/data-link-tables/{selector}', { params: { path: { selector } }, signal })).then(
        (table) => table as DataLinkTable,
      ),
  });

/** How many links a live table holds. */
export const tableCountQuery = (id: string) =>
  queryOptions({
    queryKey: ['tables', 'count', id],
    queryFn: ({ signal }): Promise<LinkCount> =>
      unwrap(
        api.GET('/data-link-tables/{selector}/links/count', { params: { path: { selector: id } }, signal }),
      ) as Promise<LinkCount>,
  });

/** The instances of a table. */
export function useTableInstances(dataLinkTableId: string, { search, archived }: Filters) {
  return usePages<DataLinkTableInstance>(
    ['instances', 'of-table', dataLinkTableId, search, archived],
    (cursor, signal) =>
      unwrap(
        api.GET('/data-link-table-instances', {
          params: {
            query: {
              dataLinkTableId,
              search,
              includeArchived: archived,
              includeCounts: true,
              limit: PAGE_SIZE,
              cursor,
            },
          },
          signal,
        }),
      ).then((page) => page as PageDataLinkTableInstance),
  );
}

export const createTable = (draft: DataLinkTableDraft): Promise<DataLinkTable> =>
  unwrap(api.POST('/data-link-tables', { body: draft })).then((table) => table as DataLinkTable);

export const changeTable = (id: string, draft: DataLinkTableDraft): Promise<DataLinkTable> =>
  unwrap(api.PATCH('/data-link-tables/{selector}', { params: { path: { selector: id } }, body: draft })).then(
    (table) => table as DataLinkTable,
  );

export const archiveTable = (id: string): Promise<unknown> =>
  unwrap(api.DELETE('/data-link-tables/{selector}', { params: { path: { selector: id } } }));

export const restoreTable = (id: string): Promise<unknown> =>
  unwrap(api.POST('/data-link-tables/{selector}/restore', { params: { path: { selector: id } } }));

/** The instance of a table and a connection, made if it is not there. */
export const openInstance = (
  dataLinkTableId: string,
  connectionId: string,
  instanceKey?: string,
): Promise<DataLinkTableInstance> =>
  unwrap(
    api.POST('/data-link-table-instance', { params: { query: { dataLinkTableId, connectionId, instanceKey } } }),
  ) as Promise<DataLinkTableInstance>;
