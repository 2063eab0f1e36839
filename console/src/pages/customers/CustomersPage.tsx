/** All customers of the workspace. For admins. */
import { Button, Group } from '@mantine/core';
import { IconLock, IconPlus, IconUsers } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useCustomers } from '@/api/customers';
import { useSession } from '@/api/session';
import { ArchivedToggle } from '@/components/ArchivedToggle';
import { DataTable } from '@/components/DataTable';
import { EmptyState } from '@/components/EmptyState';
import { Page } from '@/components/Page';
import { SearchBox } from '@/components/SearchBox';
import { CreateCustomer } from './CreateCustomer';
import { COLUMNS } from './columns';

const route = getRouteApi('/shell/customers');

export default function CustomersPage() {
  const { isAdmin } = useSession();
  if (isAdmin) return <Customers />;
  return (
    <Page title="Customers">
      <EmptyState icon={IconLock} title="Customers are for admins">
        Your session is for one customer, and sees what belongs to it.
      </EmptyState>
    </Page>
  );
}

function Customers() {
  const { search, archived, create } = route.useSearch();
  const navigate = route.useNavigate();
  const list = useCustomers({ search, archived });
  const setSearch = (next: string | undefined) =>
    navigate({ search: (now) => ({ ...now, search: next }), replace: true });
  const showCreate = (opened: boolean) =>
    navigate({ search: (now) => ({ ...now, create: opened || undefined }), replace: !opened });
  const newCustomer = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => showCreate(true)}>
      New customer
    </Button>
  );
  return (
    <Page
      title="Customers"
      about="The users or organisations of your product. Each has connections of its own, and sees no other’s links."
      actions={newCustomer}
    >
      <div className="card">
        <Group p="sm" justify="space-between">
          <SearchBox
            label="Search customers"
            placeholder="Search by name or internal id"
            value={search}
            onChange={setSearch}
          />
          <ArchivedToggle />
        </Group>
        <DataTable
          label="Customers"
          list={list}
          columns={COLUMNS}
          getId={(customer) => customer.id}
          onOpen={(customer) => navigate({ to: '/customers/$customer', params: { customer: customer.id } })}
          empty={
            search ? (
              <EmptyState
                icon={IconUsers}
                title="No customer matches"
                action={
                  <Button variant="default" onClick={() => setSearch(undefined)}>
                    Clear the search
                  </Button>
                }
              >
                No name and no internal id has this in it{archived ? '' : '; archived customers are not looked at'}.
              </EmptyState>
            ) : (
              <EmptyState icon={IconUsers} title="There are no customers yet" action={newCustomer}>
                A customer comes into being the first time a token names it, or here.
              </EmptyState>
            )
          }
        />
      </div>
      {create && (
        <CreateCustomer
          onCreated={(customer) => navigate({ to: '/customers/$customer', params: { customer: customer.id } })}
          onClose={() => showCreate(false)}
        />
      )}
    </Page>
  );
}
