/** The instances of a table: one for each connection that has links in it, or more where they have instance keys. */
import { Button, Group } from '@mantine/core';
import { IconPlus, IconStack2 } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useInstances } from '@/api/instances';
import { CUSTOMER_OPTIONS, INTEGRATION_OPTIONS } from '@/api/options';
import type { DataLinkTable, DataLinkTableInstance } from '@/api/schema';
import { useSession } from '@/api/session';
import { type Columns, DataTable } from '@/components/DataTable';
import { EmptyState } from '@/components/EmptyState';
import { IntegrationName } from '@/components/IntegrationName';
import { Marks } from '@/components/Marks';
import { RowLink } from '@/components/RowLink';
import { SearchSelect } from '@/components/SearchSelect';
import { Time } from '@/components/Time';
import { Counted } from './columns';
import { OpenInstance } from './OpenInstance';

const route = getRouteApi('/shell/tables/$table');

const COLUMNS: Columns<DataLinkTableInstance> = [
  {
    id: 'customer',
    header: 'Customer',
    meta: { width: 'minmax(9rem, 2fr)' },
    cell: ({ row: { original: instance } }) => (
      <RowLink to="/instances/$instance" params={{ instance: instance.id }}>
        {instance.user.name || instance.user.internalId}
      </RowLink>
    ),
  },
  {
    id: 'integration',
    header: 'Integration',
    meta: { width: 'minmax(8rem, 2fr)' },
    cell: ({ row: { original: instance } }) => <IntegrationName name={instance.integration.name} />,
  },
  {
    id: 'connection',
    header: 'Connection',
    meta: { width: 'minmax(9rem, 2fr)' },
    cell: ({ row: { original: instance } }) => (
      <span title={instance.connection.name}>
        {instance.connection.name}
        {instance.instanceKey && <span className="mono quiet"> · {instance.instanceKey}</span>}
      </span>
    ),
  },
  {
    id: 'links',
    header: 'Links',
    meta: { width: 'minmax(5rem, 1fr)', end: true },
    cell: ({ row: { original: instance } }) => <Counted count={instance.links} />,
  },
  {
    id: 'created',
    header: 'Created',
    meta: { width: 'minmax(7rem, 1fr)', end: true },
    cell: ({ row: { original: instance } }) => (
      <Group gap={6} justify="flex-end" wrap="nowrap">
        <Marks archivedAt={instance.archivedAt} />
        <Time at={instance.createdAt} />
      </Group>
    ),
  },
];

export function TableInstances({ table }: { table: DataLinkTable }) {
  const { customer, integration, create } = route.useSearch();
  const { isAdmin } = useSession();
  const isFiltered = !!(customer || integration);
  const navigate = useNavigate({ from: '/tables/$table' });
  const isArchived = !!table.archivedAt;
  const list = useInstances({ table: table.id, customer, integration, archived: isArchived || undefined });
  const show = (opened: boolean) =>
    navigate({ search: (now) => ({ ...now, create: opened || undefined }), replace: !opened });
  const filter = (change: { customer?: string; integration?: string }) =>
    navigate({ search: (now) => ({ ...now, ...change }), replace: true });
  const openButton = !isArchived && (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => show(true)}>
      Open or create an instance
    </Button>
  );
  return (
    <div className="card">
      <Group p="sm" justify="space-between">
        <Group gap="sm">
          {isAdmin && (
            <SearchSelect
              {...CUSTOMER_OPTIONS}
              label="Customer"
              placeholder="All customers"
              hideLabel
              clearable
              value={customer}
              onChange={(next) => filter({ customer: next })}
            />
          )}
          <SearchSelect
            {...INTEGRATION_OPTIONS}
            label="Integration"
            placeholder="All integrations"
            hideLabel
            clearable
            value={integration}
            onChange={(next) => filter({ integration: next })}
          />
        </Group>
        {openButton}
      </Group>
      <DataTable
        label={`Instances of ${table.name}`}
        list={list}
        columns={COLUMNS}
        getId={(instance) => instance.id}
        onOpen={(instance) => navigate({ to: '/instances/$instance', params: { instance: instance.id } })}
        height="calc(100dvh - 20rem)"
        empty={
          isFiltered ? (
            <EmptyState
              icon={IconStack2}
              title="No instance matches"
              action={
                <Button variant="default" onClick={() => filter({ customer: undefined, integration: undefined })}>
                  Clear the filters
                </Button>
              }
            />
          ) : (
            <EmptyState icon={IconStack2} title="No connection has links in this table yet">
              {isArchived
                ? 'The table had no instances when it was archived.'
                : 'An instance keeps the links of one connection. Open one and add links by hand or from a file; programs make theirs with the first link they write.'}
            </EmptyState>
          )
        }
      />
      {!isArchived && <OpenInstance table={table} opened={!!create} onClose={() => show(false)} />}
    </div>
  );
}
