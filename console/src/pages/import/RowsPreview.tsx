/** The first rows of a file as links. */
import { Alert, Box, Table, Text } from '@mantine/core';
import { plural } from '@/lib/format';
import type { MappedRow } from './mapping';

interface Props {
  rows: MappedRow[];
  /** The file has more rows than are shown. */
  isCut: boolean;
  hasRows: boolean;
}

export function RowsPreview({ rows, isCut, hasRows }: Props) {
  if (!hasRows) {
    return <Alert color="orange">There are no rows below the names of the columns. Choose another file.</Alert>;
  }
  const bad = rows.filter((row) => row.problem).length;
  return (
    <Box>
      <Text size="sm" mb={6} role="status">
        {isCut ? `The first ${plural(rows.length, 'row')}` : `All ${plural(rows.length, 'row')}`} as read
        {bad > 0 && `, ${bad} of them bad`}
      </Text>
      <Box
        className="card"
        style={{ overflow: 'auto', maxHeight: 340 }}
        tabIndex={0}
        role="region"
        aria-label="Rows as they will be read"
      >
        <Table stickyHeader fz="sm" aria-label="Rows as they will be read">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Line</Table.Th>
              <Table.Th>App record id</Table.Th>
              <Table.Th>External record id</Table.Th>
              <Table.Th>Direction</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={row.line}>
                <Table.Td className="quiet">{row.line}</Table.Td>
                <Id value={row.app} />
                <Id value={row.external} />
                <Table.Td className={row.isFallback ? 'quiet' : undefined} style={{ overflowWrap: 'anywhere' }}>
                  {row.direction.slice(0, 100)}
                  {row.problem && (
                    <Text size="xs" c="var(--mantine-color-error)">
                      {row.problem}
                    </Text>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Box>
    </Box>
  );
}

function Id({ value }: { value: string }) {
  return (
    <Table.Td maw={280} title={value.slice(0, 1_000)}>
      <Text component="div" className="mono" truncate>
        {value.slice(0, 200) || '—'}
      </Text>
    </Table.Td>
  );
}
