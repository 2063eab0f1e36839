/** All data link tables of the workspace. */
import { Button, Group, Text } from '@mantine/core';
import { IconPlus, IconTable } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useSession } from '@/api/session';
import { useTables } from '@/api/tables';
import { ArchivedToggle } from '@/components/ArchivedToggle';
import { DataTable } from '@/components/DataTable';
import { EmptyState } from '@/components/EmptyState';
import { Page } from '@/components/Page';
import { SearchBox } from '@/components/SearchBox';
import { CreateTable } from './CreateTable';
import { COLUMNS } from './columns';
import { selectorOf } from './selector';

const route = getRouteApi('/shell/tables');

export default function TablesPage() {
  const { isAdmin } = useSession();
  const { search, archived, create } = route.useSearch();
  const navigate = useNavigate({ from: '/tables' });
  const list = useTables({ search, archived });
  const showCreate = (opened: boolean) =>
    navigate({ search: (now) => ({ ...now, create: opened || undefined }), replace: !opened });

  const createButton = isAdmin && (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => showCreate(true)}>
      Create a table
    </Button>
  );
  return (
    <Page
      title="Data link tables"
      about="A table is one kind of relation, such as “users to contacts”; it keeps which record of your product belongs to which record of an external app."
      actions={createButton}
    >
      <div className="card">
        <Group p="sm" justify="space-between">
          <SearchBox
            label="Search tables"
            placeholder="Search by name or key"
            value={search}
            onChange={(next) => navigate({ search: (now) => ({ ...now, search: next }), replace: true })}
          />
          <ArchivedToggle />
        </Group>
        <DataTable
          label="Data link tables"
          list={list}
          columns={COLUMNS}
          getId={(table) => table.id}
          onOpen={(table) => navigate({ to: '/tables/$table', params: { table: selectorOf(table) } })}
          empty={
            search ? (
              <EmptyState
                icon={IconTable}
                title="No table matches"
                action={
                  <Button
                    variant="default"
                    onClick={() => navigate({ search: (now) => ({ ...now, search: undefined }) })}
                  >
                    Clear the search
                  </Button>
                }
              >
                No name and no key has{' '}
                <Text span inherit fw={600}>
                  {search}
                </Text>{' '}
                in it
                {archived ? '' : '; archived tables are not looked at'}.
              </EmptyState>
            ) : (
              <EmptyState icon={IconTable} title="There are no tables yet" action={createButton}>
                A table is one kind of relation between your product and external apps, such as “users to contacts”.
                Links are kept in it, for each customer apart.
              </EmptyState>
            )
          }
        />
      </div>
      {isAdmin && <CreateTable opened={!!create} onClose={() => showCreate(false)} />}
    </Page>
  );
}
