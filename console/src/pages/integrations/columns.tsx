/** The columns of the list of integrations. */
import { Group } from '@mantine/core';
import type { Integration } from '@/api/integrations';
import type { Columns } from '@/components/DataTable';
import { IntegrationName } from '@/components/IntegrationName';
import { Mark, Marks } from '@/components/Marks';
import { PageLink } from '@/components/Page';
import { RowLink } from '@/components/RowLink';
import { Time } from '@/components/Time';
import { TYPE_LABELS } from './authForm';

const COLUMNS: Columns<Integration> = [
  {
    id: 'name',
    header: 'Integration',
    meta: { width: 'minmax(11rem, 1.6fr)' },
    cell: ({ row: { original } }) => (
      <Group gap={6} wrap="nowrap">
        <RowLink to="/integrations/$integration" params={{ integration: original.id }}>
          <IntegrationName name={original.name} />
        </RowLink>
        <Marks archivedAt={original.archivedAt} />
      </Group>
    ),
  },
  {
    id: 'key',
    header: 'Key',
    meta: { width: 'minmax(8rem, 1fr)' },
    cell: ({ row: { original } }) => (
      <span className="mono" title={original.key}>
        {original.key}
      </span>
    ),
  },
  {
    id: 'baseUri',
    header: 'Base address',
    meta: { width: 'minmax(10rem, 1.6fr)' },
    cell: ({ row: { original } }) =>
      original.baseUri ? <span title={original.baseUri}>{original.baseUri}</span> : <span className="quiet">none</span>,
  },
  {
    id: 'auth',
    header: 'Authentication',
    meta: { width: 'minmax(9rem, 1fr)' },
    cell: ({ row: { original } }) =>
      original.auth && original.auth.type !== 'none' ? (
        TYPE_LABELS[original.auth.type]
      ) : (
        <span className="quiet">none</span>
      ),
  },
  {
    id: 'own',
    header: 'Your connection',
    meta: { width: 'minmax(10rem, 1.2fr)' },
    cell: ({ row: { original } }) =>
      original.connection ? (
        <Group gap={6} wrap="nowrap">
          <PageLink to="/connections/$connection" params={{ connection: original.connection.id }}>
            {original.connection.name}
          </PageLink>
          {original.connection.disconnected && <Mark color="orange">Disconnected</Mark>}
        </Group>
      ) : (
        <span className="quiet">none</span>
      ),
  },
  {
    id: 'created',
    header: 'Created',
    meta: { width: '8rem' },
    cell: ({ row: { original } }) => <Time at={original.createdAt} />,
  },
];

const of = (...ids: string[]): Columns<Integration> => COLUMNS.filter((each) => ids.includes(each.id ?? ''));

export const ADMIN_COLUMNS = of('name', 'key', 'baseUri', 'auth', 'created');
/** Customers are not told of authentication, and see their own connection. */
export const CUSTOMER_COLUMNS = of('name', 'key', 'own', 'created');
