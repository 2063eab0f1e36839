/** The links of one instance. */
import { Alert, Button, Skeleton } from '@mantine/core';
import { IconPlus, IconUpload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { archiveInstance, instanceQuery, restoreInstance } from '@/api/instances';
import type { DataLinkTableInstance } from '@/api/schema';
import { ElementActions } from '@/components/ElementActions';
import { ErrorState } from '@/components/ErrorState';
import { Page } from '@/components/Page';
import { ExportMenu } from './ExportMenu';
import { InstanceAbout } from './InstanceAbout';
import { LinksOfInstance } from './LinksOfInstance';

const route = getRouteApi('/shell/instances/$instance');
const ABOVE = [{ label: 'Instances', to: { to: '/instances' as const } }];

export default function LinksPage() {
  const { instance: id } = route.useParams();
  const { data, error, refetch } = useQuery(instanceQuery(id));
  if (error && !data) {
    return (
      <Page title="Links" above={ABOVE}>
        <ErrorState error={error} title="This instance cannot be shown" onRetry={() => refetch()} />
      </Page>
    );
  }
  if (!data) {
    return (
      <Page title="Links" above={ABOVE}>
        <Skeleton h={320} role="status" aria-label="Loading the instance" />
      </Page>
    );
  }
  // Of another instance nothing stays: selection, open dialogs, rows.
  return <Loaded key={id} instance={data} />;
}

function Loaded({ instance }: { instance: DataLinkTableInstance }) {
  const { search, direction } = route.useSearch();
  const navigate = route.useNavigate();
  const create = () => navigate({ search: (now) => ({ ...now, create: true }) });
  const { dataLinkTable: table, user: customer } = instance;
  const name = `${table.name} of ${customer.name || customer.internalId}`;
  const isArchived = instance.isDeactivated;
  return (
    <Page
      title={name}
      above={ABOVE}
      about={<InstanceAbout instance={instance} />}
      actions={
        <>
          {!isArchived && (
            <>
              <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={create}>
                New link
              </Button>
              <Button
                component={Link}
                to={`/instances/${instance.id}/import`}
                variant="default"
                leftSection={<IconUpload size={16} aria-hidden />}
              >
                Import
              </Button>
              <ExportMenu instance={instance} filters={{ search, direction }} />
            </>
          )}
          <ElementActions
            what="instance"
            name={name}
            isArchived={isArchived}
            archive={() => archiveInstance(instance.id)}
            restore={() => restoreInstance(instance.id)}
          >
            Its links can no longer be found, written or listed until it is restored. None of them is deleted.
          </ElementActions>
        </>
      }
    >
      {isArchived ? (
        <Alert color="orange" title="This instance is archived">
          Its links are kept, and hidden until you restore it.
        </Alert>
      ) : (
        <LinksOfInstance instance={instance} />
      )}
    </Page>
  );
}
