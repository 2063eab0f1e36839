/** Writing links of an instance, and bringing what is shown up to date without reading long lists again. */
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { countKey, type Drift, driftKey, isLinked, LINK_KEY, listKey, type Pair, runOperations } from '@/api/links';
import type { DataLink, DataLinkTableInstance, LinkCount, Outcome } from '@/api/schema';
import { firstPage, type Pages, toRestore, without } from './lists';

/** What was already linked. */
export class AlreadyLinked extends Error {}

/** The pair alone: the server refuses what it does not know, such as a link's id. */
const pairOf = ({ appRecordId, externalRecordId, direction }: Pair): Pair => ({
  appRecordId,
  externalRecordId,
  direction,
});

const madeBy = (outcomes: Outcome[]): number =>
  outcomes
    .filter((each) => each.status === 'written')
    .flatMap((each) => each.items ?? [])
    .filter((each) => each.createdAt === each.updatedAt).length;

function addDrift(queries: QueryClient, instanceId: string, links: number): void {
  const count = queries.getQueryData<LinkCount>(countKey(instanceId));
  if (!count) return;
  queries.setQueryData<Drift>(driftKey(instanceId), (before) => ({
    countedAt: count.countedAt,
    links: links + (before?.countedAt === count.countedAt ? before.links : 0),
  }));
}

/** The ways to change the links of an instance. */
export function useLinkChanges(instance: DataLinkTableInstance) {
  const queries = useQueryClient();
  return useMemo(() => {
    const lists = { queryKey: listKey(instance.id) };
    const refreshAround = () => {
      for (const queryKey of [
        LINK_KEY,
        countKey(instance.id),
        ['links', 'found'],
        ['links', 'first'],
        ['instances', 'list'],
        ['tables'],
        ['overview'],
      ])
        queries.invalidateQueries({ queryKey });
    };
    // What is new is at the top, so the rest of a long list need not be read again.
    const refreshLists = () => {
      queries.setQueriesData<Pages>(lists, firstPage);
      return queries.invalidateQueries(lists);
    };

    const create = async (pairs: Pair[]) => {
      const outcomes = await runOperations(
        instance,
        pairs.map((each) => ({ op: 'create', ...each })),
      );
      addDrift(queries, instance.id, madeBy(outcomes));
      refreshAround();
      await refreshLists();
      return outcomes;
    };

    /** Deletes links, which leave the list at once and come back to it if that fails. */
    const remove = async (links: DataLink[]) => {
      await queries.cancelQueries(lists);
      const before = queries.getQueriesData<Pages>(lists);
      queries.setQueriesData<Pages>(lists, (data) => without(data, new Set(links.map((each) => each.id))));
      try {
        const outcomes = await runOperations(
          instance,
          links.map((each) => ({ op: 'delete', ...pairOf(each) })),
        );
        addDrift(queries, instance.id, -outcomes.reduce((sum, each) => sum + (each.deleted ?? 0), 0));
      } catch (error) {
        for (const [key, data] of before) queries.setQueryData(key, data);
        // Of several requests the first ones may have worked.
        refreshLists();
        throw error;
      } finally {
        refreshAround();
      }
    };

    const restore = async (links: DataLink[]) => {
      await create(toRestore(links).map(pairOf));
    };

    /** Puts another pair in the place of a link, both in one step; the link that there is now. */
    const replace = async (link: DataLink, wanted: Pair): Promise<DataLink> => {
      const pair = pairOf(wanted);
      if (await isLinked(instance.id, pair)) throw new AlreadyLinked('These records are linked this way already.');
      const outcomes = await runOperations(instance, [
        { op: 'delete', ...pairOf(link) },
        { op: 'create', ...pair },
      ]);
      refreshAround();
      await refreshLists();
      return outcomes[1]?.items?.[0] ?? link;
    };

    return { create, remove, restore, replace };
  }, [instance, queries]);
}

export type LinkChanges = ReturnType<typeof useLinkChanges>;
