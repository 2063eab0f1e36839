/** The places of the console, in the order in which they are listed. */
import {
  type Icon,
  IconBuildingStore,
  IconFunction,
  IconLayoutDashboard,
  IconPlugConnected,
  IconSearch,
  IconStack2,
  IconTable,
  IconUsers,
} from '@tabler/icons-react';

export interface Place {
  label: string;
  to: string;
  icon: Icon;
  /** Only admins may go there. */
  adminOnly?: boolean;
}

export const PLACES: { title: string; places: Place[] }[] = [
  {
    title: 'Links',
    places: [
      { label: 'Overview', to: '/', icon: IconLayoutDashboard },
      { label: 'Data link tables', to: '/tables', icon: IconTable },
      { label: 'Instances', to: '/instances', icon: IconStack2 },
      { label: 'Find a record', to: '/find', icon: IconSearch },
    ],
  },
  {
    title: 'Around them',
    places: [
      { label: 'Customers', to: '/customers', icon: IconUsers, adminOnly: true },
      { label: 'Integrations', to: '/integrations', icon: IconBuildingStore },
      { label: 'Connections', to: '/connections', icon: IconPlugConnected },
    ],
  },
  { title: 'Tools', places: [{ label: 'Formulas', to: '/formulas', icon: IconFunction }] },
];
