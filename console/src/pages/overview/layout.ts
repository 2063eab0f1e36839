/** Where things are on the map: each table that links an app has a lane of its own between the product and the app. */
import type { IntegrationRef, OverviewEdge } from '@/api/schema';

const LANE = 46;
const BETWEEN = 14;
/** Above and below, together. */
const MARGIN = 68;
const LOWEST = 260;
const HIGHEST = 640;
/** Less tall than all apps together, so that lanes run apart. */
const PRODUCT_PART = 0.75;

export interface AppBox {
  integration: IntegrationRef;
  y: number;
  height: number;
}

export interface Lane {
  edge: OverviewEdge;
  /** From the top of the product's box, and of the app's. */
  fromProduct: number;
  fromApp: number;
}

export interface MapLayout {
  height: number;
  product: { y: number; height: number };
  apps: AppBox[];
  lanes: Lane[];
}

/** Apps in the order in which they come first, one under the other, each as tall as its lanes. */
export function layOut(edges: OverviewEdge[]): MapLayout {
  const byApp = new Map<string, OverviewEdge[]>();
  for (const edge of edges) byApp.set(edge.integration.id, [...(byApp.get(edge.integration.id) ?? []), edge]);
  let y = 0;
  const apps: AppBox[] = [];
  const ordered: { edge: OverviewEdge; fromApp: number }[] = [];
  for (const ofApp of byApp.values()) {
    const [first] = ofApp;
    if (!first) continue;
    apps.push({ integration: first.integration, y, height: ofApp.length * LANE });
    ordered.push(...ofApp.map((edge, index) => ({ edge, fromApp: (index + 0.5) * LANE })));
    y += ofApp.length * LANE + BETWEEN;
  }
  const height = Math.max(y - BETWEEN, LANE);
  const product = { height: height * PRODUCT_PART, y: (height * (1 - PRODUCT_PART)) / 2 };
  const lanes = ordered.map((lane, index) => ({
    ...lane,
    fromProduct: ((index + 0.5) / ordered.length) * product.height,
  }));
  return { height, product, apps, lanes };
}

/** How tall the map is on the page. */
export const mapHeight = (edges: OverviewEdge[]): number =>
  Math.min(HIGHEST, Math.max(LOWEST, layOut(edges).height + MARGIN));

/** How thick a line is for a number of links: each ten times as many, a little more. */
export const thickness = (links: number): number => 1.5 + Math.log10(Math.max(1, links));
