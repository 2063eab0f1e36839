/** One customer with everything that is linked under it. */
import { Alert, Button } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { archiveCustomer, customerQuery, restoreCustomer } from '@/api/customers';
import { CopyableId } from '@/components/Copy';
import { Details } from '@/components/Details';
import { ElementActions } from '@/components/ElementActions';
import { JsonSection } from '@/components/JsonSection';
import { LinkedInstances } from '@/components/LinkedInstances';
import { Page } from '@/components/Page';
import { PageWaiting } from '@/components/PageWaiting';
import { Section } from '@/components/Section';
import { Time } from '@/components/Time';
import { LinkedConnections } from '../connections/LinkedConnections';
import { EditCustomer } from './EditCustomer';

const route = getRouteApi('/shell/customers/$customer');
const ABOVE = [{ label: 'Customers', to: { to: '/customers' } as const }];

export default function CustomerPage() {
  const { customer: selector } = route.useParams();
  const { edit } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: customer, error, refetch } = useQuery(customerQuery(selector));
  if (!customer) return <PageWaiting title="Customer" above={ABOVE} error={error} onRetry={refetch} />;

  const isArchived = !!customer.archivedAt;
  const showEdit = (opened: boolean) => navigate({ search: opened ? { edit: true } : {}, replace: !opened });
  const under = { customer: customer.id, archived: isArchived || undefined };
  return (
    <Page
      title={customer.name}
      above={ABOVE}
      actions={
        <>
          {!isArchived && (
            <Button variant="default" leftSection={<IconPencil size={16} aria-hidden />} onClick={() => showEdit(true)}>
              Edit
            </Button>
          )}
          <ElementActions
            what="customer"
            name={customer.name}
            isArchived={isArchived}
            archive={() => archiveCustomer(customer.id)}
            restore={() => restoreCustomer(customer.id)}
          >
            Its connections, instances and links are hidden and kept; its tokens are refused. Restoring brings all of it
            back.
          </ElementActions>
        </>
      }
    >
      {isArchived && (
        <Alert color="gray" variant="outline" title="This customer is archived">
          What is under it is hidden and kept, and its tokens are refused until it is restored.
        </Alert>
      )}
      <Section title="About">
        <Details
          items={[
            { label: 'Internal id', value: <CopyableId id={customer.internalId} what="the internal id" /> },
            { label: 'Id', value: <CopyableId id={customer.id} /> },
            { label: 'Last active', value: <Time at={customer.lastActiveAt} /> },
            { label: 'Created', value: <Time at={customer.createdAt} /> },
            { label: 'Only for tests', value: customer.isTest ? 'yes' : 'no' },
          ]}
        />
      </Section>
      <LinkedConnections
        of={under}
        without={['customer']}
        about="A connection is this customer’s access to one external app."
      />
      <LinkedInstances under={under} without={['customer']} />
      <JsonSection
        title="Own data"
        values={[
          { label: 'Fields', value: customer.fields },
          { label: 'Meta', value: customer.meta },
        ]}
      />
      {edit && <EditCustomer customer={customer} onClose={() => showEdit(false)} />}
    </Page>
  );
}
