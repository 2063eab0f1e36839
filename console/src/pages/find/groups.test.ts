import { expect, test } from 'vitest';
import type { FoundLink } from '@/api/schema';
import { groupByInstance, placeOf } from './groups';

const found = (id: string, instance: string, side: FoundLink['side'] = 'app') =>
  ({
    link: { id, dataLinkTableInstanceId: instance, appRecordId: 'a-1', externalRecordId: '9' },
    side,
    dataLinkTableInstance: { id: instance },
  }) as FoundLink;

test('links are together by their instance, in the order in which they were found', () => {
  const groups = groupByInstance([found('1', 'x'), found('2', 'y'), found('3', 'x')]);
  expect(groups.map((each) => [each.instanceId, each.links.map(({ link }) => link.id)])).toEqual([
    ['x', ['1', '3']],
    ['y', ['2']],
  ]);
});

test('a link is led to by the record that matched', () => {
  expect(placeOf(found('1', 'x', 'external')).search).toEqual({ search: '9', link: '1' });
  expect(placeOf(found('1', 'x', 'both')).search).toEqual({ search: 'a-1', link: '1' });
});
