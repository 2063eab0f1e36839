/** Integrations: the external apps of the workspace. Customers see them, with their own connection; admins write them. */
import { queryOptions } from '@tanstack/react-query';
import { api, unwrap } from './client';
import { usePages } from './pages';
import type { Integration, IntegrationDraft } from './schema';

export type { Integration, IntegrationDraft };
export type Auth = NonNullable<Integration['auth']>;

const PAGE_SIZE = 100;

export const useIntegrations = (wanted: { search?: string; archived?: boolean }) =>
  usePages<Integration>(['integrations', 'list', wanted], (cursor, signal) =>
    unwrap(
      api.GET('/integrations', {
        params: {
          query: { limit: PAGE_SIZE, cursor, search: wanted.search, includeArchived: wanted.archived },
        },
        signal,
      }),
    ),
  );

export const integrationQuery = (selector: string) =>
  queryOptions({
    queryKey: ['integrations', 'one', selector],
    queryFn: ({ signal }): Promise<Integration> =>
      unwrap(api.GET('/integrations/{selector}', { params: { path: { selector } }, signal })),
  });

export const createIntegration = (body: IntegrationDraft): Promise<Integration> =>
  unwrap(api.POST('/integrations', { body }));

export const changeIntegration = (selector: string, body: IntegrationDraft): Promise<Integration> =>
  unwrap(api.PATCH('/integrations/{selector}', { params: { path: { selector } }, body }));

export const archiveIntegration = (selector: string) =>
  unwrap(api.DELETE('/integrations/{selector}', { params: { path: { selector } } }));

export const restoreIntegration = (selector: string) =>
  unwrap(api.POST('/integrations/{selector}/restore', { params: { path: { selector } } }));
