/** Links that were found, put together by the instance that they are in. */
import type { FoundLink } from '@/api/schema';

export interface Group {
  instanceId: string;
  /** Any link of the group: all hang on the same things. */
  first: FoundLink;
  links: FoundLink[];
}

/** Groups in the order in which the first link of each was found. */
export function groupByInstance(found: FoundLink[]): Group[] {
  const groups = new Map<string, Group>();
  for (const each of found) {
    const instanceId = each.dataLinkTableInstance.id;
    const group = groups.get(instanceId);
    if (group) group.links.push(each);
    else groups.set(instanceId, { instanceId, first: each, links: [each] });
  }
  return [...groups.values()];
}

/** What leads to a link in its instance: a search for the record that matched, and the link itself. */
export const placeOf = ({ link, side }: FoundLink) => ({
  to: '/instances/$instance' as const,
  params: { instance: link.dataLinkTableInstanceId },
  search: { search: side === 'external' ? link.externalRecordId : link.appRecordId, link: link.id },
});
