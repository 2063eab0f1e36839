/** The links of an instance: found, filtered, selected and deleted. */
import { Box, Button, Group, SegmentedControl, Text } from '@mantine/core';
import { IconLink, IconPencil, IconPlus, IconSearchOff, IconTrash } from '@tabler/icons-react';
import { useMemo } from 'react';
import type { Rows } from '@/api/pages';
import type { DataLink, Direction } from '@/api/schema';
import { type Columns, DataTable } from '@/components/DataTable';
import { EmptyState } from '@/components/EmptyState';
import { LongId } from '@/components/LongId';
import { SearchBox } from '@/components/SearchBox';
import { Time } from '@/components/Time';
import { plural } from '@/lib/format';
import { DirectionName } from './DirectionName';

interface Props {
  list: Rows<DataLink>;
  search: string | undefined;
  direction: Direction | undefined;
  selected: ReadonlySet<string>;
  onSelect: (selected: Set<string>) => void;
  onFilter: (filters: { search?: string; direction?: Direction }) => void;
  onOpen: (link: DataLink) => void;
  onCreate: () => void;
  onImport: () => void;
  onEdit: (link: DataLink) => void;
  onDelete: (links: DataLink[]) => void;
}

const COLUMNS: Columns<DataLink> = [
  {
    id: 'app',
    header: 'App record id',
    cell: ({ row }) => <LongId id={row.original.appRecordId} />,
    meta: { width: 'minmax(7.75rem, 1fr)' },
  },
  {
    id: 'external',
    header: 'External record id',
    cell: ({ row }) => <LongId id={row.original.externalRecordId} />,
    meta: { width: 'minmax(7.75rem, 1fr)' },
  },
  {
    id: 'direction',
    header: 'Direction',
    cell: ({ row }) => <DirectionName direction={row.original.direction} />,
    meta: { width: '6.5rem' },
  },
  {
    id: 'written',
    header: 'Written',
    cell: ({ row }) => <Time at={row.original.updatedAt} />,
    meta: { width: '7.5rem' },
  },
];

export function LinkList(props: Props) {
  const { list, search, direction, selected, onSelect, onFilter } = props;
  const chosen = useMemo(() => list.rows.filter((each) => selected.has(each.id)), [list.rows, selected]);
  const [only] = chosen;
  return (
    <Box className="card">
      <Group p="sm" gap="sm">
        <SearchBox
          label="Search links"
          placeholder="Beginning of a record id"
          value={search}
          onChange={(next) => onFilter({ search: next, direction })}
        />
        <SegmentedControl
          aria-label="Links shown"
          value={direction ?? ''}
          onChange={(next) => onFilter({ search, direction: (next || undefined) as Direction | undefined })}
          data={[
            { value: '', label: 'All' },
            { value: 'import', label: 'Import' },
            { value: 'export', label: 'Export' },
          ]}
        />
        {chosen.length > 0 ? (
          <Group gap="xs" ml="auto" role="group" aria-label="Selected links">
            <Text size="sm" role="status">
              {plural(chosen.length, 'link')} selected
            </Text>
            {chosen.length === 1 && only && (
              <Button
                size="xs"
                variant="default"
                leftSection={<IconPencil size={14} aria-hidden />}
                onClick={() => props.onEdit(only)}
              >
                Edit selected
              </Button>
            )}
            <Button
              size="xs"
              variant="light"
              color="red"
              leftSection={<IconTrash size={14} aria-hidden />}
              onClick={() => props.onDelete(chosen)}
            >
              Delete selected
            </Button>
            <Button size="xs" variant="subtle" color="gray" onClick={() => onSelect(new Set())}>
              Clear selection
            </Button>
          </Group>
        ) : (
          <Text size="sm" className="quiet" ml="auto">
            {search ? 'In the order of their ids' : 'Newest first'}
          </Text>
        )}
      </Group>
      <DataTable
        // Another filter begins at its first link, wherever one was before.
        key={`${direction} ${search}`}
        scrollId={`links ${direction} ${search}`}
        label="Links"
        list={list}
        columns={COLUMNS}
        getId={(link) => link.id}
        onOpen={props.onOpen}
        selected={selected}
        onSelect={onSelect}
        height="max(22rem, calc(100dvh - 17rem))"
        empty={
          search || direction ? (
            <EmptyState
              icon={IconSearchOff}
              title="No links match"
              action={
                <Button variant="default" onClick={() => onFilter({})}>
                  Clear filters
                </Button>
              }
            >
              {search && 'No app or external record id here begins with what you searched for. '}
              Upper and lower case differ.
            </EmptyState>
          ) : (
            <EmptyState
              icon={IconLink}
              title="No links yet"
              action={
                <Group justify="center">
                  <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={props.onCreate}>
                    Create the first link
                  </Button>
                  <Button variant="default" onClick={props.onImport}>
                    Import a file
                  </Button>
                </Group>
              }
            >
              A link says that a record of your product and a record of the external app belong together.
            </EmptyState>
          )
        }
      />
    </Box>
  );
}
