/** Which tables link the product to which external apps: a map where there is room for one, and a table. */
import { Anchor, Box, Button, Flex, Skeleton, Table, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconLink } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import type { OverviewEdge } from '@/api/schema';
import { EmptyState } from '@/components/EmptyState';
import { IntegrationName } from '@/components/IntegrationName';
import { Section } from '@/components/Section';
import { formatNumber, plural } from '@/lib/format';
import { mapHeight } from './layout';

const LinkMap = lazy(() => import('./LinkMap'));
/** More cannot be told apart on a map. */
const ON_MAP = 24;

export function LinkedApps({ edges, leftOff }: { edges: OverviewEdge[]; leftOff: number }) {
  const hasRoom = useMediaQuery('(min-width: 62em)', false, { getInitialValueInEffect: false });
  const onMap = edges.slice(0, ON_MAP);
  if (edges.length === 0) {
    return (
      <Section title="What is linked to what">
        <EmptyState
          icon={IconLink}
          title="Nothing is linked yet"
          action={
            <Button component={Link} to="/tables" variant="default">
              Go to the tables
            </Button>
          }
        >
          A table appears here with the apps that it links, once it is used with a connection.
        </EmptyState>
      </Section>
    );
  }
  return (
    <Section
      title="What is linked to what"
      about={
        edges.length > ON_MAP || leftOff > 0
          ? `The map shows the ${onMap.length} relations with most links${leftOff ? `; ${formatNumber(leftOff)} more are in neither` : ''}.`
          : undefined
      }
    >
      <Flex align="stretch">
        {hasRoom && (
          <Box flex="1 1 58%" miw={0} style={{ borderRight: '1px solid var(--line)' }}>
            <Suspense fallback={<Skeleton h={mapHeight(onMap)} />}>
              <LinkMap edges={onMap} />
            </Suspense>
          </Box>
        )}
        <EdgeTable edges={edges} />
      </Flex>
    </Section>
  );
}

function EdgeTable({ edges }: { edges: OverviewEdge[] }) {
  return (
    <Box
      flex="1 1 42%"
      miw={0}
      mah={640}
      style={{ overflow: 'auto' }}
      tabIndex={0}
      role="region"
      aria-label="What is linked to what, as a table"
    >
      <Table aria-label="What is linked to what" horizontalSpacing="sm" verticalSpacing="sm" highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Table</Table.Th>
            <Table.Th>Integration</Table.Th>
            <Table.Th ta="right">Links</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {edges.map(({ dataLinkTable, integration, instances, links }) => (
            <Table.Tr key={`${dataLinkTable.id} ${integration.id}`}>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>
                <Anchor
                  component={Link}
                  inherit
                  to="/instances"
                  search={{ table: dataLinkTable.id, integration: integration.id } as never}
                  aria-label={`Instances of ${dataLinkTable.name} for ${integration.name}`}
                >
                  {dataLinkTable.name}
                </Anchor>
                <Text size="xs" className="quiet">
                  {plural(instances, 'instance')}
                </Text>
              </Table.Td>
              <Table.Td>
                <IntegrationName name={integration.name} />
              </Table.Td>
              <Table.Td ta="right">{formatNumber(links)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Box>
  );
}
