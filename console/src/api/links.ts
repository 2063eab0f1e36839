/** Links of one instance: read page by page, counted, and written in batches. */
import { keepPreviousData, queryOptions, skipToken, useQuery } from '@tanstack/react-query';
import { API_URL, ApiError, api, unwrap } from './client';
import { usePages } from './pages';
import type { DataLink, DataLinkTableInstance, Direction, Outcome, RequestedDirection } from './schema';

export interface LinkFilters {
  /** The beginning of an id on either side. */
  search?: string;
  direction?: Direction;
}

/** A pair of records, as it is created or deleted. */
export interface Pair {
  appRecordId: string;
  externalRecordId: string;
  direction: RequestedDirection;
}

export type Operation = Pair & { op: 'create' | 'delete' };

const PAGE = 200;
/** Operations of one request: far below what the server takes, also with the longest ids. */
const BATCH = 2_000;

export const LINK_KEY = ['links', 'one'];
export const listKey = (instanceId: string) => ['links', 'list', instanceId];
export const countKey = (instanceId: string) => ['links', 'count', instanceId];

/** Links that match, newest first; those of a search in the order of their ids. */
export const useLinks = (instanceId: string, { search, direction }: LinkFilters) =>
  usePages<DataLink>(
    [...listKey(instanceId), { search, direction }],
    (cursor, signal) =>
      unwrap(
        api.GET('/data-link-table-instance/links', {
          params: { query: { id: instanceId, search, direction, limit: PAGE, cursor } },
          signal,
        }),
      ),
    { placeholderData: keepPreviousData, refetchOnWindowFocus: false },
  );

/** One link as it is now, wherever it is in a list. */
export const linkQuery = (id: string) =>
  queryOptions({
    queryKey: [...LINK_KEY, id],
    queryFn: ({ signal }): Promise<DataLink> =>
      unwrap(api.GET('/data-links/{id}', { params: { path: { id } }, signal })),
  });

const countQuery = ({ id, dataLinkTableId }: DataLinkTableInstance) =>
  queryOptions({
    queryKey: countKey(id),
    queryFn: ({ signal }) =>
      unwrap(
        api.GET('/data-link-tables/{selector}/links/count', {
          params: { path: { selector: dataLinkTableId }, query: { id } },
          signal,
        }),
      ),
  });

/** Links written here since the server counted: it counts large instances now and then only. */
export interface Drift {
  countedAt: string;
  links: number;
}

export const driftKey = (instanceId: string) => ['links', 'drift', instanceId];

/** How many links an instance has, with what was written here since they were counted. */
export function useLinkCount(instance: DataLinkTableInstance) {
  const { data: count } = useQuery(countQuery(instance));
  const { data: drift } = useQuery<Drift>({
    queryKey: driftKey(instance.id),
    queryFn: skipToken,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (!count) return undefined;
  const since = drift?.countedAt === count.countedAt ? drift.links : 0;
  return { links: Math.max(0, count.links + since), isExact: count.exact, countedAt: count.countedAt };
}

/** Is there a link of exactly this pair? */
export async function isLinked(instanceId: string, { appRecordId, externalRecordId, direction }: Pair) {
  const query = { id: instanceId, appRecordId, externalRecordId, direction, limit: 1 };
  return (await unwrap(api.GET('/data-link-table-instance/links', { params: { query } }))).items.length > 0;
}

/** Do operations in their order, many in several requests; those of one request are done together or not at all. */
export async function runOperations(instance: DataLinkTableInstance, operations: Operation[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let start = 0; start < operations.length; start += BATCH) {
    const report = await unwrap(
      api.POST('/data-link-tables/{selector}/links/batch', {
        params: { path: { selector: instance.dataLinkTableId }, query: { id: instance.id } },
        body: { mode: 'atomic', operations: operations.slice(start, start + BATCH) },
      }),
    );
    const error = report.results.find((each) => each.error)?.error;
    if (error) {
      const message = error.message.replace(/ - at `.*`$/, '');
      throw new ApiError(400, { type: 'badRequest', key: error.key, message, data: error.data });
    }
    outcomes.push(...report.results);
  }
  return outcomes;
}

/** Where the links that match can be downloaded from. */
export function exportUrl(instance: DataLinkTableInstance, format: 'csv' | 'jsonl', filters: LinkFilters): string {
  const query = new URLSearchParams({ id: instance.id, format });
  if (filters.search) query.set('search', filters.search);
  if (filters.direction) query.set('direction', filters.direction);
  return `${API_URL}/data-link-tables/${instance.dataLinkTableId}/links/export?${query}`;
}

/** The command that asks the API for a link; a token is taken from the environment. */
export const curlOf = ({ id }: DataLink, apiUrl: string): string =>
  `curl -H "Authorization: Bearer $DATALINKS_TOKEN" \\\n  '${apiUrl}/data-links/${id}'`;
