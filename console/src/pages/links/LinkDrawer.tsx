/** All there is to know of one link. */
import { Button, Drawer, Group, Skeleton, Stack, Table, Text } from '@mantine/core';
import { IconLinkOff, IconPencil, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { API_URL, ApiError } from '@/api/client';
import { curlOf, linkQuery } from '@/api/links';
import type { DataLink } from '@/api/schema';
import { CodeBlock, Copy, CopyableId } from '@/components/Copy';
import { EmptyState } from '@/components/EmptyState';
import { ErrorState } from '@/components/ErrorState';
import { PageLink } from '@/components/Page';
import { formatAgo, formatMoment } from '@/lib/format';
import { DirectionName } from './DirectionName';

interface Props {
  id: string;
  /** The instance whose links the page shows. */
  instanceId: string;
  /** The link as a list has it, shown until the server has said how it is now. */
  listed: DataLink | undefined;
  onEdit: (link: DataLink) => void;
  onDelete: (link: DataLink) => void;
  onClose: () => void;
}

export function LinkDrawer({ onClose, ...wanted }: Props) {
  return (
    <Drawer opened onClose={onClose} title="Link" closeButtonProps={{ 'aria-label': 'Close the link' }}>
      <Content {...wanted} />
    </Drawer>
  );
}

function Content({ id, instanceId, listed, onEdit, onDelete }: Omit<Props, 'onClose'>) {
  const { data: link, error, refetch } = useQuery({ ...linkQuery(id), placeholderData: listed });
  if (error instanceof ApiError && error.status === 404) {
    return (
      <EmptyState icon={IconLinkOff} title="This link is gone">
        It was deleted, or edited, which makes a new link of it. Close this, and search for one of its records.
      </EmptyState>
    );
  }
  if (!link && error) return <ErrorState error={error} onRetry={() => refetch()} />;
  if (!link) {
    return (
      <Stack role="status" aria-label="Loading the link">
        <Skeleton h={20} w="80%" />
        <Skeleton h={20} w="60%" />
        <Skeleton h={20} w="40%" />
      </Stack>
    );
  }
  const { dataLinkTableInstanceId: instance } = link;
  if (instance !== instanceId) {
    return (
      <EmptyState
        icon={IconLinkOff}
        title="This link is in another instance"
        action={
          <PageLink to="/instances/$instance" params={{ instance }} search={{ link: id }}>
            Show it there
          </PageLink>
        }
      />
    );
  }
  return <Details link={link} onEdit={() => onEdit(link)} onDelete={() => onDelete(link)} />;
}

function Details({ link, onEdit, onDelete }: { link: DataLink; onEdit: () => void; onDelete: () => void }) {
  const moment = (iso: string) => (
    <>
      {formatMoment(iso)}{' '}
      <Text span className="quiet" inherit>
        ({formatAgo(iso)})
      </Text>
    </>
  );
  const rows: [string, ReactNode][] = [
    ['App record id', <CopyableId key="app" id={link.appRecordId} what="the app record id" />],
    ['External record id', <CopyableId key="external" id={link.externalRecordId} what="the external record id" />],
    ['Direction', <DirectionName key="direction" direction={link.direction} />],
    ['Created', moment(link.createdAt)],
    ['Last written', moment(link.updatedAt)],
    ['Link id', <CopyableId key="id" id={link.id} what="the link id" />],
  ];
  return (
    <Stack>
      <Table aria-label="The link" verticalSpacing="xs">
        <Table.Tbody>
          {rows.map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" w={150} fw={500} className="quiet" style={{ verticalAlign: 'top' }}>
                {name}
              </Table.Th>
              <Table.Td>{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Group gap="xs">
        <Button variant="default" leftSection={<IconPencil size={16} aria-hidden />} onClick={onEdit}>
          Edit link
        </Button>
        <Button variant="light" color="red" leftSection={<IconTrash size={16} aria-hidden />} onClick={onDelete}>
          Delete link
        </Button>
        <Group gap={4} ml="auto">
          <Text size="sm" className="quiet">
            Address
          </Text>
          <Copy text={addressOf(link)} what="the address of this link" />
        </Group>
      </Group>
      <CodeBlock code={JSON.stringify(link, null, 2)} label="The link as JSON" />
      <CodeBlock code={curlOf(link, API_URL)} label="The link with curl" />
    </Stack>
  );
}

/** The address of the page with this link open, whatever else is in the address now. */
function addressOf(link: DataLink): string {
  const address = new URL(window.location.href);
  address.search = new URLSearchParams({ link: link.id }).toString();
  return address.href;
}
