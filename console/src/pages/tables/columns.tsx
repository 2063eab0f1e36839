/** The columns of the list of tables. */
import { Group, Text } from '@mantine/core';
import type { DataLinkTable } from '@/api/schema';
import type { Columns } from '@/components/DataTable';
import { Marks } from '@/components/Marks';
import { RowLink } from '@/components/RowLink';
import { Time } from '@/components/Time';
import { formatNumber } from '@/lib/format';
import { selectorOf } from './selector';

export const COLUMNS: Columns<DataLinkTable> = [
  {
    id: 'name',
    header: 'Table',
    meta: { width: 'minmax(11rem, 3fr)' },
    cell: ({ row: { original: table } }) => (
      <Group gap={8} wrap="nowrap">
        <Text component="span" inherit truncate title={table.description || undefined}>
          <RowLink to="/tables/$table" params={{ table: selectorOf(table) }}>
            {table.name}
          </RowLink>
        </Text>
        <Marks archivedAt={table.archivedAt} />
      </Group>
    ),
  },
  {
    id: 'key',
    header: 'Key',
    meta: { width: 'minmax(8rem, 2fr)' },
    cell: ({ row: { original: table } }) => (
      <span className="mono" title={table.key}>
        {table.key}
      </span>
    ),
  },
  {
    id: 'links',
    header: 'Links',
    meta: { width: 'minmax(5rem, 1fr)', end: true },
    cell: ({ row: { original: table } }) => <Counted count={table.links} />,
  },
  {
    id: 'instances',
    header: 'Instances',
    meta: { width: 'minmax(5rem, 1fr)', end: true },
    cell: ({ row: { original: table } }) => <Counted count={table.instances} />,
  },
  {
    id: 'updated',
    header: 'Updated',
    meta: { width: 'minmax(7rem, 1fr)', end: true },
    cell: ({ row: { original: table } }) => <Time at={table.updatedAt} />,
  },
];

/** A number that the server may not know yet. */
export function Counted({ count }: { count: number | null | undefined }) {
  if (count === null || count === undefined) {
    return (
      <span className="quiet" title="Not counted yet">
        –
      </span>
    );
  }
  return formatNumber(count);
}
