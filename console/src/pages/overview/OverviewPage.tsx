/** What there is, what happened in the last day, and what is linked to what. */
import { SimpleGrid, Skeleton, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { overviewQuery } from '@/api/overview';
import type { Overview } from '@/api/schema';
import { useSession } from '@/api/session';
import { ErrorState } from '@/components/ErrorState';
import { Page } from '@/components/Page';
import { Counts } from './Counts';
import { FirstSteps } from './FirstSteps';
import { HourChart } from './HourChart';
import { LinkedApps } from './LinkedApps';

const HOURS = 24;

export default function OverviewPage() {
  const { workspace, customer } = useSession();
  const { data, error, refetch } = useQuery(overviewQuery(HOURS));
  return (
    <Page
      title="Overview"
      about={customer ? `What ${customer.name || customer.internalId} has` : workspace.name || workspace.key}
    >
      {data ? (
        <Loaded overview={data} />
      ) : error ? (
        <ErrorState error={error} onRetry={refetch} title="The overview could not be read" />
      ) : (
        <Loading />
      )}
    </Page>
  );
}

function Loaded({ overview }: { overview: Overview }) {
  const { isAdmin } = useSession();
  return (
    <Stack>
      {isAdmin && <FirstSteps counts={overview.counts} />}
      <Counts counts={overview.counts} />
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <HourChart
          title="Links written"
          hours={overview.hours}
          series={[{ key: 'linksWritten', label: 'Written', color: 'var(--mantine-color-brand-5)' }]}
          empty="No link was written in the last 24 hours."
        />
        <HourChart
          title="Finds"
          hours={overview.hours}
          series={[
            { key: 'findsHit', label: 'Found', color: 'var(--mantine-color-teal-6)' },
            { key: 'findsMissed', label: 'Missed', color: 'var(--mantine-color-orange-6)' },
          ]}
          empty="Nobody looked for a link in the last 24 hours."
        />
      </SimpleGrid>
      <LinkedApps edges={overview.edges} leftOff={overview.edgesLeftOff} />
    </Stack>
  );
}

function Loading() {
  return (
    <Stack role="status" aria-label="Loading the overview">
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }}>
        {['links', 'tables', 'instances', 'customers', 'integrations', 'connections'].map((each) => (
          <Skeleton key={each} h={76} />
        ))}
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Skeleton h={230} />
        <Skeleton h={230} />
      </SimpleGrid>
      <Skeleton h={260} />
    </Stack>
  );
}
