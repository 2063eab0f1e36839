/** What an instance is made of, each part a way to its page, and how many links it has. */
import { Group, Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import { useLinkCount } from '@/api/links';
import type { DataLinkTableInstance } from '@/api/schema';
import { useSession } from '@/api/session';
import { IntegrationName } from '@/components/IntegrationName';
import { PageLink } from '@/components/Page';
import { formatMoment, plural } from '@/lib/format';

export function InstanceAbout({ instance }: { instance: DataLinkTableInstance }) {
  const { isAdmin } = useSession();
  const { dataLinkTable: table, user: customer, integration, connection } = instance;
  const customerName = customer.name || customer.internalId;
  return (
    <Group gap="4px 20px" mt={4}>
      <Part label="Table">
        <PageLink to="/tables/$table" params={{ table: table.id }}>
          {table.name}
        </PageLink>
      </Part>
      <Part label="Customer">
        {isAdmin ? (
          <PageLink to="/customers/$customer" params={{ customer: customer.id }}>
            {customerName}
          </PageLink>
        ) : (
          customerName
        )}
      </Part>
      <Part label="Integration">
        <PageLink to="/integrations/$integration" params={{ integration: integration.id }}>
          <IntegrationName name={integration.name} />
        </PageLink>
      </Part>
      <Part label="Connection">
        <PageLink to="/connections/$connection" params={{ connection: connection.id }}>
          {connection.name}
        </PageLink>
      </Part>
      {instance.instanceKey && (
        <Part label="Instance key">
          <span className="mono">{instance.instanceKey}</span>
        </Part>
      )}
      {!instance.isDeactivated && <LinkCount instance={instance} />}
    </Group>
  );
}

function Part({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Group gap={6} wrap="nowrap" miw={0}>
      <span>{label}</span>
      {children}
    </Group>
  );
}

function LinkCount({ instance }: { instance: DataLinkTableInstance }) {
  const count = useLinkCount(instance);
  if (!count) return null;
  const text = plural(count.links, 'link');
  if (count.isExact) return <strong>{text}</strong>;
  return (
    <Tooltip label={`Large instances are counted now and then; last at ${formatMoment(count.countedAt)}`}>
      <strong>about {text}</strong>
    </Tooltip>
  );
}
