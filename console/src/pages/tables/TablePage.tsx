/** A data link table: its instances, how to use it from code, its settings. */
import { Alert, Group, Skeleton, Tabs, Text } from '@mantine/core';
import { IconArchive, IconCode, IconSettings, IconStack2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { DataLinkTable } from '@/api/schema';
import { useSession } from '@/api/session';
import { tableCountQuery, tableQuery } from '@/api/tables';
import { CopyableId } from '@/components/Copy';
import { ErrorState } from '@/components/ErrorState';
import { Page } from '@/components/Page';
import { formatMoment, plural } from '@/lib/format';
import { TableArchiving } from './TableArchiving';
import { TableCode } from './TableCode';
import { TableInstances } from './TableInstances';
import { TableSettings } from './TableSettings';

const route = getRouteApi('/shell/tables/$table');
const ABOVE = [{ label: 'Data link tables', to: { to: '/tables' } as const }];

export default function TablePage() {
  const { table: selector } = route.useParams();
  const { data: table, error, refetch } = useQuery(tableQuery(selector));
  if (table) return <Loaded table={table} />;
  return (
    <Page title="Data link table" above={ABOVE}>
      {error ? (
        <ErrorState error={error} onRetry={refetch} title="The table could not be read" />
      ) : (
        <Skeleton h={240} role="status" aria-label="Loading the table" />
      )}
    </Page>
  );
}

function Loaded({ table }: { table: DataLinkTable }) {
  const { isAdmin } = useSession();
  const { tab } = route.useSearch();
  const navigate = useNavigate({ from: '/tables/$table' });
  const shown = tab === 'settings' && !isAdmin ? 'instances' : (tab ?? 'instances');
  return (
    <Page title={table.name} above={ABOVE} about={<About table={table} />}>
      {table.archivedAt && (
        <Alert color="orange" icon={<IconArchive aria-hidden />} title="This table is archived" role="status">
          <Group justify="space-between">
            <Text size="sm">
              It was archived on {formatMoment(table.archivedAt)}. Its instances and links are hidden and kept.
            </Text>
            {isAdmin && <TableArchiving table={table} />}
          </Group>
        </Alert>
      )}
      <Tabs
        value={shown}
        keepMounted={false}
        onChange={(next) =>
          navigate({ search: { tab: next === 'instances' ? undefined : (next as 'code' | 'settings') } })
        }
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="instances" leftSection={<IconStack2 size={16} aria-hidden />}>
            Instances
          </Tabs.Tab>
          <Tabs.Tab value="code" leftSection={<IconCode size={16} aria-hidden />}>
            How to use it
          </Tabs.Tab>
          {isAdmin && (
            <Tabs.Tab value="settings" leftSection={<IconSettings size={16} aria-hidden />}>
              Settings
            </Tabs.Tab>
          )}
        </Tabs.List>
        <Tabs.Panel value="instances">
          <TableInstances table={table} />
        </Tabs.Panel>
        <Tabs.Panel value="code">
          <TableCode table={table} />
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          <TableSettings key={table.revision} table={table} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

/** Its key, how much is in it, and what it is for. */
function About({ table }: { table: DataLinkTable }) {
  const { data: count } = useQuery({ ...tableCountQuery(table.id), enabled: !table.archivedAt });
  return (
    <>
      <Group gap="md">
        <CopyableId id={table.key} what="the key" />
        {count && (
          <span>
            {count.exact ? '' : 'about '}
            {plural(count.links, 'link')}
          </span>
        )}
      </Group>
      {table.description && <Text size="sm">{table.description}</Text>}
    </>
  );
}
