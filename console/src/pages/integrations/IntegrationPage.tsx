/** One integration with its settings, connections and instances. */
import { Alert, Button } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { archiveIntegration, type Integration, integrationQuery, restoreIntegration } from '@/api/integrations';
import { useSession } from '@/api/session';
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
import { AuthDetails } from './AuthDetails';
import { EditAuth } from './EditAuth';
import { EditIntegration } from './EditIntegration';

const route = getRouteApi('/shell/integrations/$integration');
const ABOVE = [{ label: 'Integrations', to: { to: '/integrations' } as const }];

export default function IntegrationPage() {
  const { isAdmin } = useSession();
  const { integration: selector } = route.useParams();
  const { edit } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: integration, error, refetch } = useQuery(integrationQuery(selector));
  if (!integration) return <PageWaiting title="Integration" above={ABOVE} error={error} onRetry={refetch} />;

  const isArchived = !!integration.archivedAt;
  const mayEdit = isAdmin && !isArchived;
  const showEdit = (next: typeof edit) => navigate({ search: next ? { edit: next } : {}, replace: !next });
  const under = { integration: integration.id, archived: isArchived || undefined };
  const without = isAdmin ? ['integration'] : ['integration', 'customer'];
  return (
    <Page
      title={integration.name}
      above={ABOVE}
      about={integration.description}
      actions={
        isAdmin && (
          <>
            {mayEdit && (
              <Button
                variant="default"
                leftSection={<IconPencil size={16} aria-hidden />}
                onClick={() => showEdit('settings')}
              >
                Edit
              </Button>
            )}
            <ElementActions
              what="integration"
              name={integration.name}
              isArchived={isArchived}
              archive={() => archiveIntegration(integration.id)}
              restore={() => restoreIntegration(integration.id)}
            >
              Its connections and their links are hidden and kept. Restoring brings all of it back.
            </ElementActions>
          </>
        )
      }
    >
      {isArchived && (
        <Alert color="gray" variant="outline" title="This integration is archived">
          Its connections and their links are hidden and kept until it is restored.
        </Alert>
      )}
      <About integration={integration} />
      {isAdmin && (
        <Section
          title="Authentication"
          about="How requests through its connections are let in"
          actions={
            mayEdit && (
              <Button variant="default" size="xs" onClick={() => showEdit('authentication')}>
                Change authentication
              </Button>
            )
          }
        >
          <AuthDetails auth={integration.auth} />
        </Section>
      )}
      <LinkedConnections
        of={under}
        without={without}
        about="A connection is one customer’s access to this app, with its credentials."
      />
      <LinkedInstances under={under} without={without} />
      <JsonSection title="Own data" values={[{ label: 'Meta', value: integration.meta }]} />
      {mayEdit && edit === 'settings' && (
        <EditIntegration integration={integration} onClose={() => showEdit(undefined)} />
      )}
      {mayEdit && edit === 'authentication' && (
        <EditAuth integration={integration} onClose={() => showEdit(undefined)} />
      )}
    </Page>
  );
}

function About({ integration }: { integration: Integration }) {
  return (
    <Section title="About">
      <Details
        items={[
          { label: 'Key', value: <CopyableId id={integration.key} what="the key" /> },
          { label: 'Id', value: <CopyableId id={integration.id} /> },
          { label: 'Base address', value: integration.baseUri },
          { label: 'Further hosts', value: integration.allowedHosts?.join(', ') || undefined },
          { label: 'Created', value: <Time at={integration.createdAt} /> },
          { label: 'Updated', value: <Time at={integration.updatedAt} /> },
        ]}
      />
    </Section>
  );
}
