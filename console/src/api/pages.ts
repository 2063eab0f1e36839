/** Lists that come page by page. */
import { type keepPreviousData, type QueryKey, useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';

interface Page<T> {
  items: T[];
  cursor?: string | null;
}

/** The rows that have come so far, and how to get more. */
export interface Rows<T> {
  rows: T[];
  /** The first page is on its way. */
  isLoading: boolean;
  /** What went wrong with the latest page. */
  error: Error | null;
  hasMore: boolean;
  isLoadingMore: boolean;
  loadMore: () => void;
  retry: () => void;
}

interface Options {
  /** Show the rows of the list before until the first page of another filter is there. */
  placeholderData?: typeof keepPreviousData;
  /** Off for lists of many pages, which are all read again. */
  refetchOnWindowFocus?: boolean;
}

/** Read a list page by page. `read` gets the cursor of the page that is wanted. */
export function usePages<T>(
  queryKey: QueryKey,
  read: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>,
  options: Options = {},
): Rows<T> {
  const query = useInfiniteQuery({
    ...options,
    queryKey,
    queryFn: ({ pageParam, signal }) => read(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.cursor ?? undefined,
  });
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  // A search that has read many links without a match answers with none yet, and where it goes on.
  const isGoingOn = rows.length === 0 && query.hasNextPage && !query.error;
  const { isFetching, fetchNextPage } = query;
  useEffect(() => {
    if (isGoingOn && !isFetching) fetchNextPage();
  }, [isGoingOn, isFetching, fetchNextPage]);
  return {
    rows,
    isLoading: query.isPending || isGoingOn,
    error: query.error,
    hasMore: query.hasNextPage,
    isLoadingMore: query.isFetchingNextPage,
    loadMore: () => {
      if (query.hasNextPage && !query.isFetching) query.fetchNextPage();
    },
    retry: () => (query.data ? query.fetchNextPage() : query.refetch()),
  };
}
