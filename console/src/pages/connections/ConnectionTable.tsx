/** A list of connections, for their own page and those of their customers and integrations. */
import { Group, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Connection } from '@/api/connections';
import type { Rows } from '@/api/pages';
import { type Columns, DataTable } from '@/components/DataTable';
import { IntegrationName } from '@/components/IntegrationName';
import { Marks } from '@/components/Marks';
import { RowLink } from '@/components/RowLink';
import { Time } from '@/components/Time';
import { ConnectionState } from './ConnectionState';

const COLUMNS: Columns<Connection> = [
  {
    id: 'name',
    header: 'Connection',
    meta: { width: 'minmax(10rem, 1.5fr)' },
    cell: ({ row: { original } }) => (
      <Group gap={6} wrap="nowrap">
        <Text component="span" inherit truncate title={original.name}>
          <RowLink to="/connections/$connection" params={{ connection: original.id }}>
            {original.name}
          </RowLink>
        </Text>
        <Marks isTest={original.isTest} archivedAt={original.archivedAt} />
      </Group>
    ),
  },
  {
    id: 'customer',
    header: 'Customer',
    meta: { width: 'minmax(8rem, 1fr)' },
    cell: ({ row: { original } }) => original.user?.name || original.user?.internalId,
  },
  {
    id: 'integration',
    header: 'Integration',
    meta: { width: 'minmax(8rem, 1fr)' },
    cell: ({ row: { original } }) => <IntegrationName name={original.integration?.name ?? ''} />,
  },
  {
    id: 'state',
    header: 'State',
    meta: { width: '7.5rem' },
    cell: ({ row: { original } }) => <ConnectionState connection={original} />,
  },
  {
    id: 'created',
    header: 'Created',
    meta: { width: '7.5rem' },
    cell: ({ row: { original } }) => <Time at={original.createdAt} />,
  },
];

interface Props {
  list: Rows<Connection>;
  /** The columns that would say the same in every row. */
  without: string[];
  empty: ReactNode;
  height?: string;
}

export function ConnectionTable({ list, without, empty, height }: Props) {
  const navigate = useNavigate();
  return (
    <DataTable
      label="Connections"
      list={list}
      columns={COLUMNS.filter((each) => !without.includes(each.id ?? ''))}
      getId={(connection) => connection.id}
      onOpen={(connection) => navigate({ to: '/connections/$connection', params: { connection: connection.id } })}
      height={height}
      empty={empty}
    />
  );
}
