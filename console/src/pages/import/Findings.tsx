/** The rows of a file that would change something, and those that are bad, with the reasons. */
import { Badge, Button, Group, Tabs, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useMemo } from 'react';
import type { Rows } from '@/api/pages';
import type { Change, ImportReport, Reject } from '@/api/schema';
import { type Columns, DataTable } from '@/components/DataTable';
import { formatNumber } from '@/lib/format';
import { rejectsCsv, saveFile } from './rejects';

interface Props {
  report: ImportReport;
  fileName: string;
  /** What a line of what was sent is off a line of the file. */
  lineShift: number;
}

const HEIGHT = '420px';

export function Findings({ report, fileName, lineShift }: Props) {
  const { rejects } = report;
  const changes = report.changes ?? [];
  if (changes.length === 0 && rejects.length === 0) return null;
  return (
    <Tabs defaultValue={changes.length ? 'changes' : 'bad'} keepMounted={false}>
      <Tabs.List>
        {changes.length > 0 && <Tabs.Tab value="changes">Changes ({formatNumber(report.new)})</Tabs.Tab>}
        {rejects.length > 0 && <Tabs.Tab value="bad">Bad rows ({formatNumber(report.bad)})</Tabs.Tab>}
      </Tabs.List>
      <Tabs.Panel value="changes" pt="sm">
        <FirstOf shown={changes.length} all={report.new} />
        <ChangesTable changes={changes} lineShift={lineShift} />
      </Tabs.Panel>
      <Tabs.Panel value="bad" pt="sm">
        <Group justify="space-between" mb="xs">
          <FirstOf shown={rejects.length} all={report.bad} />
          <Button
            size="xs"
            variant="default"
            ml="auto"
            leftSection={<IconDownload size={15} aria-hidden />}
            onClick={() => saveFile(`rejects-of-${csvName(fileName)}`, rejectsCsv(rejects, lineShift), 'text/csv')}
          >
            Download rejects
          </Button>
        </Group>
        <RejectsTable rejects={rejects} lineShift={lineShift} />
      </Tabs.Panel>
    </Tabs>
  );
}

const csvName = (fileName: string): string => `${fileName.replace(/\.[^.]*$/, '')}.csv`;

function FirstOf({ shown, all }: { shown: number; all: number }) {
  if (shown >= all) return null;
  return (
    <Text size="xs" className="quiet" mb={4}>
      The first {formatNumber(shown)} of {formatNumber(all)}
    </Text>
  );
}

function ChangesTable({ changes, lineShift }: { changes: Change[]; lineShift: number }) {
  const columns = useMemo<Columns<Change>>(
    () => [
      lineColumn(lineShift),
      idColumn('App record id', (change) => change.appRecordId),
      idColumn('External record id', (change) => change.externalRecordId),
      { id: 'direction', header: 'Direction', cell: ({ row }) => row.original.direction, meta: { width: '6rem' } },
      {
        id: 'displaces',
        header: 'Change',
        meta: { width: '8rem' },
        cell: ({ row }) => (
          <Badge variant="light" color={row.original.displaces ? 'orange' : 'teal'} tt="none" autoContrast>
            {row.original.displaces ? 'Displacing' : 'New'}
          </Badge>
        ),
      },
    ],
    [lineShift],
  );
  return (
    <DataTable
      label="Changes"
      list={all(changes)}
      columns={columns}
      getId={(change) => String(change.line)}
      height={HEIGHT}
      empty={null}
    />
  );
}

function RejectsTable({ rejects, lineShift }: { rejects: Reject[]; lineShift: number }) {
  const columns = useMemo<Columns<Reject>>(
    () => [
      lineColumn(lineShift),
      {
        id: 'reason',
        header: 'Reason',
        meta: { width: 'minmax(14rem, 1fr)' },
        cell: ({ row }) => <span title={row.original.reason}>{row.original.reason}</span>,
      },
      idColumn('Column', (reject) => reject.column ?? '', '9rem'),
      idColumn('Row', (reject) => reject.row, 'minmax(12rem, 1fr)'),
    ],
    [lineShift],
  );
  return (
    <DataTable
      label="Bad rows"
      list={all(rejects)}
      columns={columns}
      getId={(reject) => String(reject.line)}
      height={HEIGHT}
      empty={null}
    />
  );
}

function lineColumn<T extends { line: number }>(lineShift: number): Columns<T>[number] {
  return {
    id: 'line',
    header: 'Line',
    meta: { width: '5rem' },
    cell: ({ row }) => <span className="quiet">{formatNumber((row.original as T).line + lineShift)}</span>,
  };
}

function idColumn<T>(header: string, read: (row: T) => string, width = 'minmax(9rem, 1fr)'): Columns<T>[number] {
  return {
    id: header,
    header,
    meta: { width },
    cell: ({ row }) => (
      <span className="mono" title={read(row.original as T)}>
        {read(row.original as T)}
      </span>
    ),
  };
}

/** A list that is there as a whole. */
const all = <T,>(rows: T[]): Rows<T> => ({
  rows,
  isLoading: false,
  error: null,
  hasMore: false,
  isLoadingMore: false,
  loadMore: () => {},
  retry: () => {},
});
