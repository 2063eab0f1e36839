/** The instances under a customer, an integration or a connection, each with its table and its number of links. */
import { Button } from '@mantine/core';
import { IconPlus, IconStack2 } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { type InstanceFilters, useInstances } from '@/api/instances';
import type { DataLinkTableInstance } from '@/api/schema';
import { formatNumber } from '@/lib/format';
import { type Columns, DataTable } from './DataTable';
import { EmptyState } from './EmptyState';
import { IntegrationName } from './IntegrationName';
import { Marks } from './Marks';
import { RowLink } from './RowLink';
import { Section } from './Section';

const COLUMNS: Columns<DataLinkTableInstance> = [
  {
    id: 'table',
    header: 'Table',
    meta: { width: 'minmax(9rem, 1.4fr)' },
    cell: ({ row: { original } }) => (
      <>
        <RowLink to="/instances/$instance" params={{ instance: original.id }}>
          {original.dataLinkTable.name}
        </RowLink>{' '}
        <Marks archivedAt={original.archivedAt} />
      </>
    ),
  },
  {
    id: 'customer',
    header: 'Customer',
    meta: { width: 'minmax(7rem, 1fr)' },
    cell: ({ row: { original } }) => original.user.name || original.user.internalId,
  },
  {
    id: 'integration',
    header: 'Integration',
    meta: { width: 'minmax(8rem, 1fr)' },
    cell: ({ row: { original } }) => <IntegrationName name={original.integration.name} />,
  },
  {
    id: 'connection',
    header: 'Connection',
    meta: { width: 'minmax(8rem, 1fr)' },
    cell: ({ row: { original } }) => original.connection.name,
  },
  {
    id: 'key',
    header: 'Instance key',
    meta: { width: 'minmax(6rem, .7fr)' },
    cell: ({ row: { original } }) => <span className="mono">{original.instanceKey}</span>,
  },
  {
    id: 'links',
    header: 'Links',
    meta: { width: '6rem', end: true },
    cell: ({ row: { original } }) =>
      typeof original.links === 'number' ? formatNumber(original.links) : <span className="quiet">not counted</span>,
  },
];

interface Props {
  under: Pick<InstanceFilters, 'customer' | 'integration' | 'connection' | 'archived'>;
  /** The columns that would say the same in every row. */
  without: string[];
}

export function LinkedInstances({ under, without }: Props) {
  const list = useInstances(under);
  const navigate = useNavigate();
  const { archived, ...filters } = under;
  return (
    <Section
      title="Instances"
      about="Where its links are, by data link table"
      actions={
        !archived && (
          <Button
            component={Link}
            to="/instances"
            search={{ ...filters, create: true } as never}
            variant="default"
            size="xs"
            leftSection={<IconPlus size={14} aria-hidden />}
          >
            New instance
          </Button>
        )
      }
    >
      <DataTable
        label="Instances"
        list={list}
        columns={COLUMNS.filter((each) => !without.includes(each.id ?? ''))}
        getId={(instance) => instance.id}
        onOpen={(instance) => navigate({ to: '/instances/$instance', params: { instance: instance.id } })}
        height="26rem"
        empty={
          <EmptyState icon={IconStack2} title="No instances yet">
            An instance comes into being with its first link, or by the button “New instance”.
          </EmptyState>
        }
      />
    </Section>
  );
}
