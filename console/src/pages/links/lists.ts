/** Changes of lists of links that have been loaded. */
import type { InfiniteData } from '@tanstack/react-query';
import type { DataLink, PageDataLink } from '@/api/schema';

export type Pages = InfiniteData<PageDataLink, string | undefined>;

/** The links, oldest first, so that they come back in the order in which they were. Times have microseconds. */
export const toRestore = (links: DataLink[]): DataLink[] =>
  links.toReversed().toSorted((one, other) => {
    if (one.updatedAt === other.updatedAt) return 0;
    return one.updatedAt < other.updatedAt ? -1 : 1;
  });

/** The list without these links. Where a page begins does not depend on them. */
export const without = (data: Pages | undefined, ids: ReadonlySet<string>): Pages | undefined =>
  data && {
    ...data,
    pages: data.pages.map((page) => ({ ...page, items: page.items.filter((each) => !ids.has(each.id)) })),
  };

export const firstPage = (data: Pages | undefined): Pages | undefined =>
  data && { pages: data.pages.slice(0, 1), pageParams: data.pageParams.slice(0, 1) };
