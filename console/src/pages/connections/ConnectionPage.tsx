/** One connection: whether it works, whose it is, and its instances. */
import { Alert, Text } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { archiveConnection, type Connection, connectionQuery, restoreConnection } from '@/api/connections';
import { useSession } from '@/api/session';
import { CopyableId } from '@/components/Copy';
import { Details } from '@/components/Details';
import { ElementActions } from '@/components/ElementActions';
import { JsonSection } from '@/components/JsonSection';
import { LinkedInstances } from '@/components/LinkedInstances';
import { Page, PageLink } from '@/components/Page';
import { PageWaiting } from '@/components/PageWaiting';
import { Section } from '@/components/Section';
import { Time } from '@/components/Time';
import { ConnectionActions } from './ConnectionActions';
import { ConnectionState } from './ConnectionState';
import { CredentialsSection } from './CredentialsSection';
import { EditConnection } from './EditConnection';
import { ReplaceCredentials } from './ReplaceCredentials';

const route = getRouteApi('/shell/connections/$connection');
const ABOVE = [{ label: 'Connections', to: { to: '/connections' } as const }];

export default function ConnectionPage() {
  const { isAdmin } = useSession();
  const { connection: selector } = route.useParams();
  const { edit } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: connection, error, refetch } = useQuery(connectionQuery(selector));
  if (!connection) return <PageWaiting title="Connection" above={ABOVE} error={error} onRetry={refetch} />;

  const isArchived = !!connection.archivedAt;
  const showEdit = (next: typeof edit) => navigate({ search: next ? { edit: next } : {}, replace: !next });
  return (
    <Page
      title={connection.name}
      above={ABOVE}
      actions={
        <>
          {!isArchived && <ConnectionActions connection={connection} onEdit={() => showEdit('settings')} />}
          <ElementActions
            what="connection"
            name={connection.name}
            isArchived={isArchived}
            archive={() => archiveConnection(connection.id)}
            restore={() => restoreConnection(connection.id)}
          >
            Its instances and links are hidden and kept, its credentials too. Restoring brings all of it back.
          </ElementActions>
        </>
      }
    >
      {isArchived && (
        <Alert color="gray" variant="outline" title="This connection is archived">
          Its instances and links are hidden and kept until it is restored.
        </Alert>
      )}
      {connection.disconnected && <Disconnected error={connection.error} />}
      <About connection={connection} isAdmin={isAdmin} />
      <CredentialsSection connection={connection} onReplace={isArchived ? undefined : () => showEdit('credentials')} />
      <LinkedInstances
        under={{ connection: connection.id, archived: isArchived || undefined }}
        without={['customer', 'integration', 'connection']}
      />
      <JsonSection title="Own data" values={[{ label: 'Meta', value: connection.meta }]} />
      {!isArchived && edit === 'settings' && (
        <EditConnection connection={connection} onClose={() => showEdit(undefined)} />
      )}
      {!isArchived && edit === 'credentials' && (
        <ReplaceCredentials connection={connection} onClose={() => showEdit(undefined)} />
      )}
    </Page>
  );
}

function Disconnected({ error }: Pick<Connection, 'error'>) {
  const message = (error as { message?: unknown } | null)?.message;
  return (
    <Alert
      color={error ? 'red' : 'orange'}
      variant="light"
      icon={<IconPlugConnectedX aria-hidden />}
      title={error ? 'Its credentials were refused' : 'Disconnected'}
    >
      {typeof message === 'string' && (
        <Text size="sm" mb={4} style={{ overflowWrap: 'anywhere' }}>
          {message}
        </Text>
      )}
      <Text size="sm">
        {error
          ? 'Its links stay. Replace the credentials, or press “Reconnect” to try those it has again.'
          : 'Its customer or an admin ended it. Its links stay.'}
      </Text>
    </Alert>
  );
}

function About({ connection, isAdmin }: { connection: Connection; isAdmin: boolean }) {
  const { user, integration } = connection;
  return (
    <Section title="About">
      <Details
        items={[
          { label: 'State', value: <ConnectionState connection={connection} /> },
          ...(isAdmin
            ? [
                {
                  label: 'Customer',
                  value: (
                    <PageLink to="/customers/$customer" params={{ customer: connection.userId }}>
                      {user?.name || user?.internalId || connection.userId}
                    </PageLink>
                  ),
                },
              ]
            : []),
          {
            label: 'Integration',
            value: (
              <PageLink to="/integrations/$integration" params={{ integration: connection.integrationId }}>
                {integration?.name ?? connection.integrationId}
              </PageLink>
            ),
          },
          { label: 'Key', value: connection.key ? <CopyableId id={connection.key} what="the key" /> : undefined },
          { label: 'Id', value: <CopyableId id={connection.id} /> },
          { label: 'Only for tests', value: connection.isTest ? 'yes' : 'no' },
          { label: 'Last active', value: <Time at={connection.lastActiveAt} /> },
          { label: 'Created', value: <Time at={connection.createdAt} /> },
        ]}
      />
    </Section>
  );
}
