/** A choice of a connection, told apart by customer and integration. */
import { api, unwrap } from '@/api/client';
import type { Connection } from '@/api/schema';
import { type Option, SearchSelect } from './SearchSelect';

const SHOWN = 50;

interface Props {
  label: string;
  value: string | undefined;
  onChange: (connectionId: string | undefined) => void;
  description?: string;
  error?: string;
  clearable?: boolean;
  required?: boolean;
  disabled?: boolean;
  autoFocus?: boolean;
}

/** The connection's name, followed by its customer and integration as far as the name does not say them. */
export function connectionLabel({ name, user, integration }: Connection): string {
  const said = name.toLowerCase();
  const more = [user?.name || user?.internalId, integration?.name].filter(
    (each) => each && !said.includes(each.toLowerCase()),
  );
  return [name, ...more].join(' · ');
}

const asOption = (connection: Connection): Option => ({ value: connection.id, label: connectionLabel(connection) });

const load = async (search: string, signal: AbortSignal): Promise<Option[]> => {
  const page = await unwrap(api.GET('/connections', { params: { query: { search, limit: SHOWN } }, signal }));
  return page?.items.map(asOption) ?? [];
};

const find = async (selector: string, signal: AbortSignal): Promise<Option> => {
  const found = await unwrap(api.GET('/connections/{selector}', { params: { path: { selector } }, signal }));
  return asOption(found as Connection);
};

export function ConnectionSelect(props: Props) {
  return <SearchSelect {...props} resource="connections" load={load} find={find} />;
}
