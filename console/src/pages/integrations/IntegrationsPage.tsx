/** All integrations of the workspace. Customers see them with their own connection. */
import { Button, Group } from '@mantine/core';
import { IconBuildingStore, IconPlus } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { type Integration, useIntegrations } from '@/api/integrations';
import { useSession } from '@/api/session';
import { ArchivedToggle } from '@/components/ArchivedToggle';
import { DataTable } from '@/components/DataTable';
import { EmptyState } from '@/components/EmptyState';
import { Page } from '@/components/Page';
import { SearchBox } from '@/components/SearchBox';
import { CreateIntegration } from './CreateIntegration';
import { ADMIN_COLUMNS, CUSTOMER_COLUMNS } from './columns';

const route = getRouteApi('/shell/integrations');

export default function IntegrationsPage() {
  const { isAdmin } = useSession();
  const { search, archived, create } = route.useSearch();
  const navigate = route.useNavigate();
  const list = useIntegrations({ search, archived });
  const open = ({ id }: Integration) => navigate({ to: '/integrations/$integration', params: { integration: id } });
  const setSearch = (next: string | undefined) =>
    navigate({ search: (now) => ({ ...now, search: next }), replace: true });
  const showCreate = (opened: boolean) =>
    navigate({ search: (now) => ({ ...now, create: opened || undefined }), replace: !opened });
  const newIntegration = isAdmin && (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => showCreate(true)}>
      New integration
    </Button>
  );
  return (
    <Page
      title="Integrations"
      about="The external apps that records of your product are linked to."
      actions={newIntegration}
    >
      <div className="card">
        <Group p="sm" justify="space-between">
          <SearchBox
            label="Search integrations"
            placeholder="Search by name or key"
            value={search}
            onChange={setSearch}
          />
          <ArchivedToggle />
        </Group>
        <DataTable
          label="Integrations"
          list={list}
          columns={isAdmin ? ADMIN_COLUMNS : CUSTOMER_COLUMNS}
          getId={(integration) => integration.id}
          onOpen={open}
          empty={
            search ? (
              <EmptyState
                icon={IconBuildingStore}
                title="No integration matches"
                action={
                  <Button variant="default" onClick={() => setSearch(undefined)}>
                    Clear the search
                  </Button>
                }
              >
                No name and no key has this in it{archived ? '' : '; archived integrations are not looked at'}.
              </EmptyState>
            ) : (
              <EmptyState icon={IconBuildingStore} title="There are no integrations yet" action={newIntegration}>
                An integration is an external app that your customers connect, such as a CRM.
              </EmptyState>
            )
          }
        />
      </div>
      {isAdmin && create && <CreateIntegration onCreated={open} onClose={() => showCreate(false)} />}
    </Page>
  );
}
