/** What there is, what was done with links lately, and what is linked to what. */
import { queryOptions } from '@tanstack/react-query';
import { api, unwrap } from './client';
import type { Overview } from './schema';

const REFRESH_MS = 30_000;

export const overviewQuery = (hours: number) =>
  queryOptions({
    queryKey: ['overview', hours],
    queryFn: ({ signal }): Promise<Overview> =>
      unwrap(api.GET('/overview', { params: { query: { hours } }, signal })) as Promise<Overview>,
    refetchInterval: REFRESH_MS,
  });
