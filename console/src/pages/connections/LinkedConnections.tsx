/** The connections of a customer, or to an integration. */
import { Button } from '@mantine/core';
import { IconPlugConnected, IconPlus } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { type ConnectionsWanted, useConnections } from '@/api/connections';
import { EmptyState } from '@/components/EmptyState';
import { Section } from '@/components/Section';
import { ConnectionTable } from './ConnectionTable';

interface Props {
  of: Pick<ConnectionsWanted, 'customer' | 'integration' | 'archived'>;
  without: string[];
  /** What one is, for where there is none yet. */
  about: string;
}

export function LinkedConnections({ of, without, about }: Props) {
  const list = useConnections(of);
  const { archived, ...filters } = of;
  const create = !archived && (
    <Button
      component={Link}
      to="/connections"
      search={{ ...filters, create: true } as never}
      variant="default"
      size="xs"
      leftSection={<IconPlus size={14} aria-hidden />}
    >
      New connection
    </Button>
  );
  return (
    <Section title="Connections" actions={create}>
      <ConnectionTable
        list={list}
        without={without}
        height="26rem"
        empty={
          <EmptyState icon={IconPlugConnected} title="No connections yet">
            {about}
          </EmptyState>
        }
      />
    </Section>
  );
}
