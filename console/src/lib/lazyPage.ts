/** A page whose code is loaded when it is gone to, and that waits for a server that is away meanwhile. */
import { lazyRouteComponent, type RouteComponent } from '@tanstack/react-router';
import { isServerThere, untilServerIsThere } from '@/api/presence';

type Load = () => Promise<{ default: RouteComponent }>;

/** What is missing from a server that answers is a page of an older build: the router loads the new one. */
async function load(page: Load): Promise<{ default: RouteComponent }> {
  try {
    return await page();
  } catch (error) {
    if (await isServerThere()) throw error;
    await untilServerIsThere();
    return await page();
  }
}

export const lazyPage = (page: Load) => lazyRouteComponent(() => load(page));
