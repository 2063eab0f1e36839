/** Customers: the users or organisations of the caller's product. For admins only. */
import { queryOptions } from '@tanstack/react-query';
import { api, unwrap } from './client';
import { usePages } from './pages';
import type { Customer, CustomerDraft } from './schema';

export type { Customer, CustomerDraft };

const PAGE_SIZE = 100;

export const useCustomers = (wanted: { search?: string; archived?: boolean }) =>
  usePages<Customer>(['customers', 'list', wanted], (cursor, signal) =>
    unwrap(
      api.GET('/customers', {
        params: {
          query: { limit: PAGE_SIZE, cursor, search: wanted.search, includeArchived: wanted.archived },
        },
        signal,
      }),
    ),
  );

export const customerQuery = (selector: string) =>
  queryOptions({
    queryKey: ['customers', 'one', selector],
    queryFn: ({ signal }): Promise<Customer> =>
      unwrap(api.GET('/customers/{selector}', { params: { path: { selector } }, signal })),
  });

export const createCustomer = (body: CustomerDraft): Promise<Customer> => unwrap(api.POST('/customers', { body }));

export const changeCustomer = (selector: string, body: CustomerDraft): Promise<Customer> =>
  unwrap(api.PATCH('/customers/{selector}', { params: { path: { selector } }, body }));

export const archiveCustomer = (selector: string) =>
  unwrap(api.DELETE('/customers/{selector}', { params: { path: { selector } } }));

export const restoreCustomer = (selector: string) =>
  unwrap(api.POST('/customers/{selector}/restore', { params: { path: { selector } } }));
