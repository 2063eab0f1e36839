/** All connections: every customer's for admins, a customer's own for it. */
import { Box, Button, Group } from '@mantine/core';
import { IconPlugConnected, IconPlus } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useConnections } from '@/api/connections';
import { CUSTOMER_OPTIONS, INTEGRATION_OPTIONS } from '@/api/options';
import { useSession } from '@/api/session';
import { ArchivedToggle } from '@/components/ArchivedToggle';
import { EmptyState } from '@/components/EmptyState';
import { Page } from '@/components/Page';
import { SearchBox } from '@/components/SearchBox';
import { SearchSelect } from '@/components/SearchSelect';
import { ConnectionTable } from './ConnectionTable';
import { CreateConnection } from './CreateConnection';

const route = getRouteApi('/shell/connections');

export default function ConnectionsPage() {
  const { isAdmin } = useSession();
  const { search, archived, create, customer, integration } = route.useSearch();
  const navigate = route.useNavigate();
  const list = useConnections({ search, archived, customer, integration });
  const filter = (change: { search?: string; customer?: string; integration?: string }) =>
    navigate({ search: (now) => ({ ...now, ...change }), replace: true });
  const showCreate = (opened: boolean) =>
    navigate({ search: (now) => ({ ...now, create: opened || undefined }), replace: !opened });
  const isFiltered = !!(search || customer || integration);
  const newConnection = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => showCreate(true)}>
      New connection
    </Button>
  );
  return (
    <Page
      title="Connections"
      about="Each is one customer’s access to one integration, with credentials of its own."
      actions={newConnection}
    >
      <div className="card">
        <Group p="sm" gap="sm">
          <SearchBox
            label="Search connections"
            placeholder={isAdmin ? 'Search by name, key or customer' : 'Search by name or key'}
            value={search}
            onChange={(next) => filter({ search: next })}
          />
          {isAdmin && (
            <Box flex="1 1 11rem" maw={{ base: undefined, xs: '16rem' }}>
              <SearchSelect
                label="Customer"
                {...CUSTOMER_OPTIONS}
                hideLabel
                clearable
                value={customer}
                onChange={(next) => filter({ customer: next })}
              />
            </Box>
          )}
          <Box flex="1 1 11rem" maw={{ base: undefined, xs: '16rem' }}>
            <SearchSelect
              label="Integration"
              {...INTEGRATION_OPTIONS}
              hideLabel
              clearable
              value={integration}
              onChange={(next) => filter({ integration: next })}
            />
          </Box>
          <Box ml="auto">
            <ArchivedToggle />
          </Box>
        </Group>
        <ConnectionTable
          list={list}
          without={isAdmin ? [] : ['customer']}
          empty={
            isFiltered ? (
              <EmptyState
                icon={IconPlugConnected}
                title="No connection matches"
                action={
                  <Button
                    variant="default"
                    onClick={() => filter({ search: undefined, customer: undefined, integration: undefined })}
                  >
                    Show all connections
                  </Button>
                }
              >
                {archived ? undefined : 'Archived connections are not looked at.'}
              </EmptyState>
            ) : (
              <EmptyState icon={IconPlugConnected} title="There are no connections yet" action={newConnection}>
                A connection comes into being when your product connects a customer to an app, or here.
              </EmptyState>
            )
          }
        />
      </div>
      {create && (
        <CreateConnection
          customer={customer}
          integration={integration}
          onCreated={({ id }) => navigate({ to: '/connections/$connection', params: { connection: id } })}
          onClose={() => showCreate(false)}
        />
      )}
    </Page>
  );
}
