/** A table of any length: only the rows in sight are in the page, and more are asked for as they come near. */
import { Box, Checkbox, Group, Skeleton, Text } from '@mantine/core';
import { type ColumnDef, FlexRender, rowSelectionFeature, tableFeatures, useTable } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useEffect, useLayoutEffect, useMemo, useRef } from 'react';
import type { Rows } from '@/api/pages';
import classes from './DataTable.module.css';
import { ErrorState } from './ErrorState';

const features = tableFeatures({ rowSelectionFeature });
const ROW_HEIGHT = 46;
const ASK_BEFORE_END = 30;

// biome-ignore lint/suspicious/noExplicitAny: a table's columns have values of many types
export type Columns<T> = (ColumnDef<typeof features, T & object, any> & { meta?: { width?: string; end?: boolean } })[];

interface Props<T> {
  /** What the table is of, for screen readers. */
  label: string;
  list: Rows<T>;
  /** `meta.width` is a grid track such as `minmax(10rem, 1fr)`; `meta.end` aligns to the right. */
  columns: Columns<T>;
  getId: (row: T) => string;
  /** Shown where there are no rows: what to do next. */
  empty: ReactNode;
  /** What Enter or a click on a row does. */
  onOpen?: (row: T) => void;
  /** The ids that are selected; without it, rows cannot be selected. */
  selected?: ReadonlySet<string>;
  onSelect?: (selected: Set<string>) => void;
  /** Says whose scroll position it is that comes back with the page, where another filter means another list. */
  scrollId?: string;
  /** The height that the table may take; as many rows as there are, if it is left out. */
  height?: string;
}

/** A virtualised grid with one stop for the Tab key; arrows, Home, End and Page keys move within it. */
export function DataTable<T extends object>(props: Props<T>) {
  const { list, columns, getId, selected, onSelect } = props;
  const frame = useRef<HTMLDivElement>(null);
  const focused = useRef(0);
  const wanted = useRef<number | null>(null);
  const table = useTable({ features, columns, data: list.rows, getRowId: getId, enableRowSelection: !!onSelect });
  const rows = table.getRowModel().rows;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? -1;
  const grid = useMemo(
    () => [...(onSelect ? ['24px'] : []), ...columns.map((each) => each.meta?.width ?? 'minmax(7rem, 1fr)')].join(' '),
    [columns, onSelect],
  );

  const { hasMore, loadMore, error } = list;
  useEffect(() => {
    if (hasMore && !error && last >= rows.length - ASK_BEFORE_END) loadMore();
  }, [hasMore, error, last, rows.length, loadMore]);

  const takeFocus = () => {
    const row = frame.current?.querySelector<HTMLElement>(`[data-index="${wanted.current}"]`);
    if (!row || wanted.current === null) return;
    wanted.current = null;
    // Whoever has gone elsewhere meanwhile stays there.
    const now = document.activeElement;
    if (now && now !== document.body && !frame.current?.contains(now)) return;
    row.focus({ preventScroll: true });
  };
  // A row that is wanted may come into the page only after scrolling.
  useLayoutEffect(takeFocus);

  if (list.isLoading) return <LoadingRows label={props.label} />;
  if (error && rows.length === 0) return <ErrorState error={error} onRetry={list.retry} />;
  if (rows.length === 0) return <>{props.empty}</>;

  const focusRow = (index: number) => {
    focused.current = Math.max(0, Math.min(index, rows.length - 1));
    wanted.current = focused.current;
    virtual.scrollToIndex(focused.current);
    takeFocus();
  };
  const toggle = (id: string) => {
    const next = new Set(selected);
    if (!next.delete(id)) next.add(id);
    onSelect?.(next);
  };
  const onKeyDown = (event: KeyboardEvent, index: number) => {
    if (event.target !== event.currentTarget) return;
    const page = Math.max(1, Math.floor((frame.current?.clientHeight ?? 400) / ROW_HEIGHT) - 2);
    const to: Record<string, number> = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      PageDown: index + page,
      PageUp: index - page,
      Home: 0,
      End: rows.length - 1,
    };
    const target = to[event.key];
    const row = rows[index];
    if (target !== undefined) focusRow(target);
    else if (event.key === 'Enter' && props.onOpen && row) props.onOpen(row.original as T);
    else if (event.key === ' ' && onSelect && row) toggle(row.id);
    else return;
    event.preventDefault();
  };

  const isAllSelected = !!selected && selected.size > 0 && rows.every((row) => selected.has(row.id));
  return (
    <Box
      ref={frame}
      className={classes.frame}
      data-scroll-restoration-id={props.scrollId}
      style={{ maxHeight: props.height ?? 'calc(100dvh - 15rem)' }}
      role="grid"
      aria-label={props.label}
      aria-rowcount={hasMore ? -1 : rows.length + 1}
      aria-multiselectable={onSelect ? true : undefined}
    >
      <div className={classes.head} role="row" aria-rowindex={1} style={{ gridTemplateColumns: grid }}>
        {onSelect && (
          <div role="columnheader">
            <Checkbox
              size="xs"
              aria-label="Select all rows that are loaded"
              checked={isAllSelected}
              indeterminate={!!selected?.size && !isAllSelected}
              onChange={() => onSelect(isAllSelected ? new Set() : new Set(rows.map((row) => row.id)))}
            />
          </div>
        )}
        {table.getFlatHeaders().map((header, index) => (
          <div
            key={header.id}
            role="columnheader"
            className={`${classes.cell} ${columns[index]?.meta?.end ? classes.end : ''}`}
          >
            <FlexRender header={header} />
          </div>
        ))}
      </div>
      <div className={classes.body} role="rowgroup" style={{ height: virtual.getTotalSize() }}>
        {shown.map((item) => {
          const row = rows[item.index];
          if (!row) return null;
          const isSelected = selected?.has(row.id);
          return (
            <div
              key={row.id}
              data-index={item.index}
              data-opens={props.onOpen ? true : undefined}
              data-selected={isSelected || undefined}
              ref={virtual.measureElement}
              className={`${classes.row} ${classes.placed}`}
              style={{ transform: `translateY(${item.start}px)`, gridTemplateColumns: grid }}
              role="row"
              aria-rowindex={item.index + 2}
              aria-selected={onSelect ? !!isSelected : undefined}
              tabIndex={item.index === Math.min(focused.current, rows.length - 1) ? 0 : -1}
              onFocus={() => {
                focused.current = item.index;
              }}
              onKeyDown={(event) => onKeyDown(event, item.index)}
              onClick={(event) => {
                // Dialogs and menus of a row are elsewhere in the page.
                if (!event.currentTarget.contains(event.target as Node)) return;
                if ((event.target as HTMLElement).closest('a, button, input, label')) return;
                if (window.getSelection()?.toString()) return;
                props.onOpen?.(row.original as T);
              }}
            >
              {onSelect && (
                <div role="gridcell">
                  <Checkbox
                    size="xs"
                    tabIndex={-1}
                    aria-label={`Select row ${item.index + 1}`}
                    checked={!!isSelected}
                    onChange={() => toggle(row.id)}
                  />
                </div>
              )}
              {row.getAllCells().map((cell, index) => (
                <div
                  key={cell.id}
                  role="gridcell"
                  className={`${classes.cell} ${columns[index]?.meta?.end ? classes.end : ''}`}
                >
                  <FlexRender cell={cell} />
                </div>
              ))}
            </div>
          );
        })}
      </div>
      {list.isLoadingMore && (
        <Text size="xs" className="quiet" p="xs" role="status">
          Loading more…
        </Text>
      )}
      {error && <ErrorState error={error} onRetry={list.retry} />}
    </Box>
  );
}

function LoadingRows({ label }: { label: string }) {
  return (
    <Box p="sm" role="status" aria-label={`Loading: ${label}`}>
      {[70, 55, 80, 60, 45].map((width) => (
        <Group key={width} h={ROW_HEIGHT} wrap="nowrap">
          <Skeleton h={12} w={`${width / 2}%`} />
          <Skeleton h={12} w={`${width / 4}%`} />
          <Skeleton h={12} w="15%" ml="auto" />
        </Group>
      ))}
    </Box>
  );
}
