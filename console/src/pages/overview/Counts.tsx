/** How much there is of everything; each number leads to its list. */
import { SimpleGrid, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { OverviewCounts } from '@/api/schema';
import { useSession } from '@/api/session';
import { formatCompact, formatNumber } from '@/lib/format';
import classes from './overview.module.css';

const SHORT_FROM = 10_000_000;

export function Counts({ counts }: { counts: OverviewCounts }) {
  const { isAdmin } = useSession();
  const shown = [
    { label: 'Links', to: '/instances', count: counts.links, isAbout: !counts.linksExact },
    { label: 'Data link tables', to: '/tables', count: counts.dataLinkTables },
    { label: 'Instances', to: '/instances', count: counts.dataLinkTableInstances },
    ...(isAdmin ? [{ label: 'Customers', to: '/customers', count: counts.customers }] : []),
    { label: 'Integrations', to: '/integrations', count: counts.integrations },
    { label: 'Connections', to: '/connections', count: counts.connections },
  ];
  return (
    <SimpleGrid component="section" aria-label="Counts" cols={{ base: 2, sm: 3, lg: shown.length }} spacing="sm">
      {shown.map((each) => (
        <Link key={each.label} to={each.to} className={`card ${classes.count}`}>
          <Text component="span" display="block" size="sm" className="quiet">
            {each.label}
          </Text>
          <span className={classes.number} title={formatNumber(each.count)}>
            {each.isAbout && (
              <Text component="span" size="sm" className="quiet">
                about{' '}
              </Text>
            )}
            {each.count < SHORT_FROM ? formatNumber(each.count) : formatCompact(each.count)}
          </span>
        </Link>
      ))}
    </SimpleGrid>
  );
}
