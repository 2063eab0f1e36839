/** Instances across all tables. */
import { Box, Button, Text, VisuallyHidden } from '@mantine/core';
import { IconPlus, IconSearchOff, IconStack2 } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import { type InstanceFilters, useInstances } from '@/api/instances';
import type { DataLinkTableInstance } from '@/api/schema';
import { useSession } from '@/api/session';
import { type Columns, DataTable } from '@/components/DataTable';
import { EmptyState } from '@/components/EmptyState';
import { IntegrationName } from '@/components/IntegrationName';
import { Marks } from '@/components/Marks';
import { Page } from '@/components/Page';
import { RowLink } from '@/components/RowLink';
import { Time } from '@/components/Time';
import { formatNumber } from '@/lib/format';
import { InstanceFilterBar } from './InstanceFilterBar';
import { InstanceForm } from './InstanceForm';
import { InstanceMenu } from './InstanceMenu';

const route = getRouteApi('/shell/instances');

const COLUMNS: Columns<DataLinkTableInstance> = [
  {
    id: 'table',
    header: 'Table',
    cell: ({ row: { original } }) => (
      <>
        <RowLink to="/instances/$instance" params={{ instance: original.id }}>
          {original.dataLinkTable.name}
        </RowLink>{' '}
        <Marks archivedAt={original.archivedAt} />
      </>
    ),
    meta: { width: 'minmax(10rem, 1.3fr)' },
  },
  {
    id: 'customer',
    header: 'Customer',
    cell: ({ row: { original } }) => original.user.name || original.user.internalId,
    meta: { width: 'minmax(8rem, 1fr)' },
  },
  {
    id: 'integration',
    header: 'Integration',
    cell: ({ row: { original } }) => <IntegrationName name={original.integration.name} />,
    meta: { width: 'minmax(8rem, 1fr)' },
  },
  {
    id: 'connection',
    header: 'Connection',
    cell: ({ row: { original } }) => original.connection.name,
    meta: { width: 'minmax(8rem, 1fr)' },
  },
  {
    id: 'key',
    header: 'Instance key',
    cell: ({ row: { original } }) => <span className="mono">{original.instanceKey}</span>,
    meta: { width: 'minmax(6rem, 0.6fr)' },
  },
  {
    id: 'links',
    header: 'Links',
    cell: ({ row: { original } }) =>
      typeof original.links === 'number' ? (
        formatNumber(original.links)
      ) : (
        <Text span inherit className="quiet">
          not counted
        </Text>
      ),
    meta: { width: '6.5rem', end: true },
  },
  {
    id: 'created',
    header: 'Created',
    cell: ({ row: { original } }) => <Time at={original.createdAt} />,
    meta: { width: '7.5rem' },
  },
  {
    id: 'menu',
    header: () => <VisuallyHidden>Actions</VisuallyHidden>,
    cell: ({ row: { original } }) => <InstanceMenu instance={original} />,
    meta: { width: '2rem' },
  },
];

export default function InstancesPage() {
  const { create, ...filters } = route.useSearch();
  const navigate = route.useNavigate();
  const { isAdmin } = useSession();
  const list = useInstances(filters);
  const columns = useMemo(() => COLUMNS.filter((each) => isAdmin || each.id !== 'customer'), [isAdmin]);
  const { archived: _, ...narrowing } = filters;
  const isFiltered = Object.values(narrowing).some(Boolean);
  const setFilters = (next: InstanceFilters) =>
    navigate({ search: { ...next, archived: next.archived || undefined }, replace: true } as never);
  const setCreate = (isOpen: boolean) =>
    navigate({ search: (now) => ({ ...now, create: isOpen || undefined }), replace: !isOpen });
  const open = (instance: DataLinkTableInstance) =>
    navigate({ to: '/instances/$instance', params: { instance: instance.id } });
  const newInstance = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setCreate(true)}>
      New instance
    </Button>
  );
  return (
    <Page title="Instances" about="Each holds the links of one table for one connection." actions={newInstance}>
      <Box className="card">
        <InstanceFilterBar filters={filters} onChange={setFilters} />
        <DataTable
          label="Instances"
          list={list}
          columns={columns}
          getId={(instance) => instance.id}
          onOpen={open}
          empty={
            isFiltered ? (
              <EmptyState
                icon={IconSearchOff}
                title="No instances match"
                action={
                  <Button variant="default" onClick={() => setFilters({})}>
                    Show all instances
                  </Button>
                }
              />
            ) : (
              <EmptyState icon={IconStack2} title="No instances yet">
                An instance comes into being with its first link, or with the button “New instance”: choose a table and
                a connection.
              </EmptyState>
            )
          }
        />
      </Box>
      {create && <InstanceForm filters={filters} onCreated={open} onClose={() => setCreate(false)} />}
    </Page>
  );
}
