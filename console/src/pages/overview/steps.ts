/** The way of a new workspace to its first link. */
import type { LinkProps } from '@tanstack/react-router';
import type { OverviewCounts } from '@/api/schema';

export interface Step {
  title: string;
  about: string;
  action: string;
  to: LinkProps;
  isDone: boolean;
}

export function stepsOf(counts: OverviewCounts): Step[] {
  const create = { create: true as const };
  return [
    {
      title: 'Make an integration',
      about: 'The external app whose records are linked, such as a CRM.',
      action: 'Make an integration',
      to: { to: '/integrations', search: create },
      isDone: counts.integrations > 0,
    },
    {
      title: 'Create a data link table',
      about: 'One kind of relation, such as “users to contacts”.',
      action: 'Create a table',
      to: { to: '/tables', search: create },
      isDone: counts.dataLinkTables > 0,
    },
    {
      title: 'Add a customer',
      about: 'Whoever uses your product; known by the id that you have for them.',
      action: 'Add a customer',
      to: { to: '/customers', search: create },
      isDone: counts.customers > 0,
    },
    {
      title: 'Connect the customer to the integration',
      about: 'Links belong to a connection, so that customers never see those of others.',
      action: 'Make a connection',
      to: { to: '/connections', search: create },
      isDone: counts.connections > 0,
    },
    {
      title: 'Write the first link',
      about: 'By hand, from a file, or from code: open the instance of a table and a connection.',
      action: counts.dataLinkTableInstances > 0 ? 'Go to the instances' : 'Open an instance',
      to: { to: '/instances', search: counts.dataLinkTableInstances > 0 ? {} : create },
      isDone: counts.links > 0,
    },
  ];
}
