/** Data link tables. */
import { queryOptions } from '@tanstack/react-query';
import { api, unwrap } from './client';
import { usePages } from './pages';
import type { DataLinkTable, DataLinkTableDraft, LinkCount, PageDataLinkTable } from './schema';

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
