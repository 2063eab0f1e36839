/** Archives or restores a table, saying what that hides and keeps. */
import { useQuery } from '@tanstack/react-query';
import type { DataLinkTable } from '@/api/schema';
import { archiveTable, restoreTable, tableCountQuery } from '@/api/tables';
import { ElementActions } from '@/components/ElementActions';
import { plural } from '@/lib/format';

export function TableArchiving({ table }: { table: DataLinkTable }) {
  const { data: count } = useQuery({ ...tableCountQuery(table.id), enabled: !table.archivedAt });
  return (
    <ElementActions
      what="table"
      name={table.name}
      isArchived={!!table.archivedAt}
      archive={() => archiveTable(table.id)}
      restore={() => restoreTable(table.id)}
    >
      {count
        ? `${count.exact ? '' : 'About '}${plural(count.links, 'link')} in ${plural(count.instances + count.uncounted, 'instance')} will be hidden and kept.`
        : 'All its instances and links will be hidden and kept.'}{' '}
      Programs that use the table are told that it is archived. Restoring it brings everything back.
    </ElementActions>
  );
}
