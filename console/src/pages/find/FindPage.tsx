/** Finds a record by its id, on either side, in every instance that the session may see. */
import { Button, Group, Skeleton, Stack, Switch, Text } from '@mantine/core';
import { IconSearch, IconSearchOff } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useFoundLinks } from '@/api/find';
import type { Match } from '@/api/schema';
import { useSession } from '@/api/session';
import { EmptyState } from '@/components/EmptyState';
import { ErrorState } from '@/components/ErrorState';
import { Page } from '@/components/Page';
import { SearchBox } from '@/components/SearchBox';
import { plural } from '@/lib/format';
import { FoundGroup } from './FoundGroup';
import { groupByInstance } from './groups';

const route = getRouteApi('/shell/find');

export default function FindPage() {
  const { id, match = 'exact' } = route.useSearch();
  const navigate = route.useNavigate();
  const setMatch = (next: Match) =>
    navigate({ search: (now) => ({ ...now, match: next === 'prefix' ? next : undefined }), replace: true });
  return (
    <Page title="Find a record" about="Paste an id from either side: of your product, or of an external app.">
      <Group className="card" p="sm">
        <SearchBox
          label="Record id"
          placeholder="The id of a record"
          value={id}
          onChange={(next) => navigate({ search: (now) => ({ ...now, id: next?.trim() || undefined }), replace: true })}
          autoFocus
        />
        <Switch
          label="Begins with"
          checked={match === 'prefix'}
          onChange={(event) => setMatch(event.currentTarget.checked ? 'prefix' : 'exact')}
        />
      </Group>
      {id ? (
        <Found key={`${match} ${id}`} id={id} match={match} onPrefix={() => setMatch('prefix')} />
      ) : (
        <EmptyState icon={IconSearch} title="Which record?">
          All links of the record are shown, whichever table, customer and integration they belong to.
        </EmptyState>
      )}
    </Page>
  );
}

function Found({ id, match, onPrefix }: { id: string; match: Match; onPrefix: () => void }) {
  const list = useFoundLinks(id, match);
  const session = useSession();
  const groups = useMemo(() => groupByInstance(list.rows), [list.rows]);
  if (list.isLoading) {
    return (
      <Stack role="status" aria-label="Searching">
        <Skeleton h={96} />
        <Skeleton h={96} />
      </Stack>
    );
  }
  if (list.error && groups.length === 0) return <ErrorState error={list.error} onRetry={list.retry} />;
  if (groups.length === 0) {
    const where = session.customer
      ? `your links (customer ${session.customer.name || session.customer.internalId})`
      : `all links of the workspace ${session.workspace.name || session.workspace.key}`;
    return (
      <EmptyState
        icon={IconSearchOff}
        title={match === 'exact' ? 'No link has this record' : 'No link has a record that begins so'}
        action={
          match === 'exact' && (
            <Button variant="default" onClick={onPrefix}>
              Look for ids that begin with it
            </Button>
          )
        }
      >
        Looked for <span className="mono">{id}</span> as an app record id and as an external record id, in {where}.
        Upper and lower case differ. Archived instances are left out.
      </EmptyState>
    );
  }
  return (
    <Stack>
      <Text size="sm" className="quiet" role="status">
        {list.hasMore ? `The first ${plural(list.rows.length, 'link')}` : plural(list.rows.length, 'link')} in{' '}
        {plural(groups.length, 'instance')}
      </Text>
      {groups.map((group) => (
        <FoundGroup key={group.instanceId} group={group} />
      ))}
      {list.error && <ErrorState error={list.error} onRetry={list.retry} />}
      {list.hasMore && (
        <Button variant="default" onClick={list.loadMore} loading={list.isLoadingMore}>
          Show more
        </Button>
      )}
    </Stack>
  );
}
