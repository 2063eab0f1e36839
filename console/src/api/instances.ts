/** Data link table instances. */
import { queryOptions } from '@tanstack/react-query';
import { api, unwrap } from './client';
import { usePages } from './pages';
import type { DataLinkTableInstance } from './schema';

export interface InstanceFilters {
  search?: string;
  table?: string;
  customer?: string;
  integration?: string;
  connection?: string;
  archived?: boolean;
}

/** So many are counted anew by one request. */
const PAGE = 50;

export const instanceQuery = (id: string) =>
  queryOptions({
    queryKey: ['instances', 'one', id],
    queryFn: ({ signal }) => unwrap(api.GET('/data-link-table-instance', { params: { query: { id } }, signal })),
  });

/** Instances that match all filters, newest first, with how many links each has. */
export const useInstances = (filters: InstanceFilters) =>
  usePages<DataLinkTableInstance>(['instances', 'list', filters], (cursor, signal) =>
    unwrap(
      api.GET('/data-link-table-instances', {
        params: {
          query: {
            search: filters.search,
            dataLinkTableId: filters.table,
            userId: filters.customer,
            integrationId: filters.integration,
            connectionId: filters.connection,
            includeArchived: filters.archived,
            includeCounts: true,
            limit: PAGE,
            cursor,
          },
        },
        signal,
      }),
    ),
  );

export interface InstanceDraft {
  table: string;
  connection: string;
  instanceKey?: string;
}

/** The instance of a table for a connection, made if there is none. */
export const createInstance = (draft: InstanceDraft) =>
  unwrap(
    api.POST('/data-link-table-instance', {
      params: {
        query: { dataLinkTableId: draft.table, connectionId: draft.connection, instanceKey: draft.instanceKey },
      },
    }),
  );

export const archiveInstance = (id: string) =>
  unwrap(api.DELETE('/data-link-table-instance', { params: { query: { id } } }));

export const restoreInstance = (id: string) =>
  unwrap(api.POST('/data-link-table-instance/restore', { params: { query: { id } } }));
