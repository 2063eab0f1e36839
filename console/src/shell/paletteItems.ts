/** What the palette finds for a text: places, links of a record, and all that has a name. */
import {
  type Icon,
  IconArrowRight,
  IconBuildingStore,
  IconLink,
  IconPlugConnected,
  IconTable,
  IconUsers,
} from '@tabler/icons-react';
import { useQueries, useQuery } from '@tanstack/react-query';
import type { LinkProps } from '@tanstack/react-router';
import { firstLinksQuery } from '@/api/find';
import { CUSTOMER_OPTIONS, connectionOptions, INTEGRATION_OPTIONS, TABLE_OPTIONS } from '@/api/options';
import type { FoundLink } from '@/api/schema';
import { useSession } from '@/api/session';
import type { Option } from '@/components/SearchSelect';
import { placeOf } from '@/pages/find/groups';
import { PLACES } from './nav';

export interface Item {
  key: string;
  icon: Icon;
  to: LinkProps;
  label: string;
  /** The link, if it is one. */
  found?: FoundLink;
}

export interface Section {
  title: string;
  items: Item[];
}

const LINKS = 6;
const OF_EACH = 4;

const NAMED: {
  title: string;
  icon: Icon;
  resource: string;
  isAdminOnly?: boolean;
  load: (search: string, signal: AbortSignal) => Promise<Option[]>;
  to: (id: string) => LinkProps;
}[] = [
  {
    title: 'Data link tables',
    icon: IconTable,
    ...TABLE_OPTIONS,
    to: (table: string): LinkProps => ({ to: '/tables/$table', params: { table } }),
  },
  {
    title: 'Customers',
    icon: IconUsers,
    isAdminOnly: true,
    ...CUSTOMER_OPTIONS,
    to: (customer: string): LinkProps => ({ to: '/customers/$customer', params: { customer } }),
  },
  {
    title: 'Integrations',
    icon: IconBuildingStore,
    ...INTEGRATION_OPTIONS,
    to: (integration: string): LinkProps => ({ to: '/integrations/$integration', params: { integration } }),
  },
  {
    title: 'Connections',
    icon: IconPlugConnected,
    ...connectionOptions(),
    to: (connection: string): LinkProps => ({ to: '/connections/$connection', params: { connection } }),
  },
];

/** Places first, as they are there at once and what comes later moves nothing above itself. */
export function usePaletteItems(text: string): { sections: Section[]; isSearching: boolean; error: Error | null } {
  const { isAdmin } = useSession();
  const links = useQuery({ ...firstLinksQuery(text, LINKS), enabled: text !== '' });
  const kinds = NAMED.filter((each) => isAdmin || !each.isAdminOnly);
  const named = useQueries({
    queries: kinds.map(({ resource, load }) => ({
      queryKey: [resource, 'options', 'palette', text],
      queryFn: ({ signal }: { signal: AbortSignal }) => load(text, signal),
      enabled: text !== '',
    })),
  });
  const sections = [
    { title: 'Places', items: placesFor(text, isAdmin) },
    { title: 'Links', items: linkItems(text, links.data) },
    ...kinds.map(({ title, icon, to }, index) => ({
      title,
      items: (named[index]?.data ?? []).slice(0, OF_EACH).map(({ value, label }) => ({
        key: `${title} ${value}`,
        icon,
        to: to(value),
        label,
      })),
    })),
  ];
  return {
    sections: sections.filter((each) => each.items.length > 0),
    isSearching: links.isFetching || named.some((each) => each.isFetching),
    error: links.error ?? named.find((each) => each.error)?.error ?? null,
  };
}

export const placesFor = (text: string, isAdmin: boolean): Item[] =>
  PLACES.flatMap((group) => group.places)
    .filter((place) => isAdmin || !place.adminOnly)
    .filter((place) => place.label.toLowerCase().includes(text.toLowerCase()))
    .map((place) => ({ key: place.to, icon: place.icon, label: place.label, to: { to: place.to } as LinkProps }));

function linkItems(text: string, data: { match: 'exact' | 'prefix'; items: FoundLink[] } | undefined): Item[] {
  if (!data || data.items.length === 0) return [];
  const match = data.match === 'prefix' ? data.match : undefined;
  return [
    ...data.items.map((found) => ({
      key: found.link.id,
      icon: IconLink,
      to: placeOf(found) as LinkProps,
      label: `${found.link.appRecordId} and ${found.link.externalRecordId}`,
      found,
    })),
    { key: 'all', icon: IconArrowRight, label: 'Show all', to: { to: '/find', search: { id: text, match } } },
  ];
}
