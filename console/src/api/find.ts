/** Links by the id of a record on either side, in every instance that the session may see. */
import { queryOptions } from '@tanstack/react-query';
import { api, unwrap } from './client';
import { usePages } from './pages';
import type { FoundLink, Match } from './schema';

const PAGE = 50;

const search = (recordId: string, match: Match, limit: number, cursor: string | undefined, signal: AbortSignal) =>
  unwrap(api.GET('/data-links/search', { params: { query: { recordId, match, limit, cursor } }, signal }));

export const useFoundLinks = (recordId: string, match: Match) =>
  usePages<FoundLink>(['links', 'found', recordId, match], (cursor, signal) =>
    search(recordId, match, PAGE, cursor, signal),
  );

/** The first links of a record; where there are none, of records whose ids begin so. */
export const firstLinksQuery = (recordId: string, limit: number) =>
  queryOptions({
    queryKey: ['links', 'first', recordId, limit],
    queryFn: async ({ signal }): Promise<{ match: Match; items: FoundLink[] }> => {
      const exact = await search(recordId, 'exact', limit, undefined, signal);
      if (exact.items.length > 0) return { match: 'exact', items: exact.items };
      const begun = await search(recordId, 'prefix', limit, undefined, signal);
      return { match: 'prefix', items: begun.items };
    },
  });
