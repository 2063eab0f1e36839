/** Every page of the console, with what its address carries. A page's code is loaded when it is gone to. */
import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, createRouter, redirect } from '@tanstack/react-router';
import { sessionQuery } from './api/session';
import { lazyPage } from './lib/lazyPage';
import { flag, oneOf, parseSearch, readSearch, stringifySearch, text } from './lib/search';
import { NotFoundPage, PageFailed } from './pages/failures';
import { Shell } from './shell/Shell';

const root = createRootRouteWithContext<{ queries: QueryClient }>()({
  notFoundComponent: NotFoundPage,
  errorComponent: PageFailed,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: readSearch({ from: text, expired: flag }),
  component: lazyPage(() => import('./pages/SignInPage')),
});

/** Everything behind the sign-in. */
const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    const session = await context.queries.ensureQueryData(sessionQuery);
    if (session === null) throw redirect({ to: '/sign-in', search: { from: location.href } });
  },
});

const overview = createRoute({
  getParentRoute: () => shell,
  path: '/',
  component: lazyPage(() => import('./pages/overview/OverviewPage')),
});

const lists = readSearch({ search: text, archived: flag, create: flag });

const tables = createRoute({
  getParentRoute: () => shell,
  path: '/tables',
  validateSearch: lists,
  component: lazyPage(() => import('./pages/tables/TablesPage')),
});

const table = createRoute({
  getParentRoute: () => shell,
  path: '/tables/$table',
  validateSearch: readSearch({
    tab: oneOf('instances', 'code', 'settings'),
    customer: text,
    integration: text,
    create: flag,
    connection: text,
    language: oneOf('javascript', 'python', 'curl', 'flow', 'formula'),
  }),
  component: lazyPage(() => import('./pages/tables/TablePage')),
});

const instances = createRoute({
  getParentRoute: () => shell,
  path: '/instances',
  validateSearch: readSearch({
    search: text,
    table: text,
    customer: text,
    integration: text,
    connection: text,
    archived: flag,
    create: flag,
  }),
  component: lazyPage(() => import('./pages/instances/InstancesPage')),
});

const instance = createRoute({
  getParentRoute: () => shell,
  path: '/instances/$instance',
  validateSearch: readSearch({ search: text, direction: oneOf('import', 'export'), link: text, create: flag }),
  component: lazyPage(() => import('./pages/links/LinksPage')),
});

const importing = createRoute({
  getParentRoute: () => shell,
  path: '/instances/$instance/import',
  component: lazyPage(() => import('./pages/import/ImportPage')),
});

const find = createRoute({
  getParentRoute: () => shell,
  path: '/find',
  validateSearch: readSearch({ id: text, match: oneOf('exact', 'prefix') }),
  component: lazyPage(() => import('./pages/find/FindPage')),
});

const customers = createRoute({
  getParentRoute: () => shell,
  path: '/customers',
  validateSearch: lists,
  component: lazyPage(() => import('./pages/customers/CustomersPage')),
});

const customer = createRoute({
  getParentRoute: () => shell,
  path: '/customers/$customer',
  validateSearch: readSearch({ edit: flag }),
  component: lazyPage(() => import('./pages/customers/CustomerPage')),
});

const integrations = createRoute({
  getParentRoute: () => shell,
  path: '/integrations',
  validateSearch: lists,
  component: lazyPage(() => import('./pages/integrations/IntegrationsPage')),
});

const integration = createRoute({
  getParentRoute: () => shell,
  path: '/integrations/$integration',
  validateSearch: readSearch({ edit: oneOf('settings', 'authentication') }),
  component: lazyPage(() => import('./pages/integrations/IntegrationPage')),
});

const connections = createRoute({
  getParentRoute: () => shell,
  path: '/connections',
  validateSearch: readSearch({ search: text, archived: flag, create: flag, customer: text, integration: text }),
  component: lazyPage(() => import('./pages/connections/ConnectionsPage')),
});

const connection = createRoute({
  getParentRoute: () => shell,
  path: '/connections/$connection',
  validateSearch: readSearch({ edit: oneOf('settings', 'credentials') }),
  component: lazyPage(() => import('./pages/connections/ConnectionPage')),
});

const formulas = createRoute({
  getParentRoute: () => shell,
  path: '/formulas',
  validateSearch: readSearch({ connection: text }),
  component: lazyPage(() => import('./pages/formulas/FormulasPage')),
});

const tree = root.addChildren([
  signIn,
  shell.addChildren([
    overview,
    tables,
    table,
    instances,
    instance,
    importing,
    find,
    customers,
    customer,
    integrations,
    integration,
    connections,
    connection,
    formulas,
  ]),
]);

export function makeRouter(queries: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queries },
    basepath: new URL(document.baseURI).pathname.replace(/\/$/, ''),
    defaultPreload: 'intent',
    defaultErrorComponent: PageFailed,
    scrollRestoration: true,
    parseSearch,
    stringifySearch,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
