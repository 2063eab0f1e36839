/** The columns of the list of customers. */
import { Group, Text } from '@mantine/core';
import type { Customer } from '@/api/customers';
import type { Columns } from '@/components/DataTable';
import { LongId } from '@/components/LongId';
import { Marks } from '@/components/Marks';
import { RowLink } from '@/components/RowLink';
import { Time } from '@/components/Time';

export const COLUMNS: Columns<Customer> = [
  {
    id: 'name',
    header: 'Customer',
    meta: { width: 'minmax(11rem, 2fr)' },
    cell: ({ row: { original: customer } }) => (
      <Group gap={6} wrap="nowrap">
        <Text component="span" inherit truncate title={customer.name}>
          <RowLink to="/customers/$customer" params={{ customer: customer.id }}>
            {customer.name}
          </RowLink>
        </Text>
        <Marks isTest={customer.isTest} archivedAt={customer.archivedAt} />
      </Group>
    ),
  },
  {
    id: 'internalId',
    header: 'Internal id',
    meta: { width: 'minmax(9rem, 1.5fr)' },
    cell: ({ row: { original: customer } }) => <LongId id={customer.internalId} />,
  },
  {
    id: 'active',
    header: 'Last active',
    meta: { width: '8rem' },
    cell: ({ row: { original: customer } }) => <Time at={customer.lastActiveAt} />,
  },
  {
    id: 'created',
    header: 'Created',
    meta: { width: '8rem' },
    cell: ({ row: { original: customer } }) => <Time at={customer.createdAt} />,
  },
];
