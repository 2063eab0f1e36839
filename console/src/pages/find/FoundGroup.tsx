/** The links found in one instance. */
import { Group, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useSession } from '@/api/session';
import { IntegrationName } from '@/components/IntegrationName';
import { RecordPair } from '@/components/RecordPair';
import { Section } from '@/components/Section';
import { Time } from '@/components/Time';
import { plural } from '@/lib/format';
import { DirectionName } from '../links/DirectionName';
import classes from './FindPage.module.css';
import { type Group as FoundLinks, placeOf } from './groups';

export function FoundGroup({ group }: { group: FoundLinks }) {
  const { isAdmin } = useSession();
  const { dataLinkTable: table, customer, integration, connection, dataLinkTableInstance } = group.first;
  return (
    <Section
      title={isAdmin ? `${table.name} · ${customer.name || customer.internalId}` : table.name}
      about={
        <Group component="span" gap={6}>
          <IntegrationName name={integration.name} />
          <span>· {connection.name}</span>
          {dataLinkTableInstance.instanceKey && <span>· {dataLinkTableInstance.instanceKey}</span>}
        </Group>
      }
      actions={
        <Text size="sm" className="quiet">
          {plural(group.links.length, 'link')}
        </Text>
      }
    >
      <ul className={classes.links}>
        {group.links.map((found) => (
          <li key={found.link.id}>
            <Link className={classes.link} {...placeOf(found)}>
              <RecordPair found={found} />
              <span className={classes.about}>
                <DirectionName direction={found.link.direction} />
                <span className="quiet">
                  <Time at={found.link.updatedAt} />
                </span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}
