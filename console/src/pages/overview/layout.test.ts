import { expect, test } from 'vitest';
import type { OverviewEdge } from '@/api/schema';
import { layOut, mapHeight } from './layout';

const edge = (table: string, app: string): OverviewEdge => ({
  dataLinkTable: { id: table, key: table, name: table },
  integration: { id: app, key: app, name: app, logoUri: '' },
  instances: 1,
  connections: 1,
  links: 1,
});

test('apps stand under one another, as tall as their lanes, which do not cross', () => {
  const { apps, lanes, height } = layOut([edge('users', 'crm'), edge('users', 'erp'), edge('deals', 'crm')]);
  expect(apps.map(({ integration, y, height: tall }) => [integration.id, y, tall])).toEqual([
    ['crm', 0, 92],
    ['erp', 106, 46],
  ]);
  expect(height).toBe(152);
  expect(lanes.map((lane) => `${lane.edge.dataLinkTable.id} ${lane.edge.integration.id}`)).toEqual([
    'users crm',
    'deals crm',
    'users erp',
  ]);
  const starts = lanes.map((lane) => lane.fromProduct);
  expect(starts).toEqual([...starts].sort((a, b) => a - b));
});

test('one relation has a map too, and hundreds do not fill the page', () => {
  expect(mapHeight([edge('users', 'crm')])).toBe(260);
  expect(mapHeight(Array.from({ length: 200 }, (_, index) => edge(`t${index}`, 'crm')))).toBe(640);
});
