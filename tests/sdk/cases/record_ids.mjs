// Record ids: texts of any characters, compared byte for byte.
import assert from 'node:assert/strict';
import { pairs } from '../world.mjs';

const STRANGE_IDS = [
  'with spaces in it',
  ' leading and trailing ',
  'a/b/c',
  '../..',
  '"double" and \'single\'',
  '100%',
  '%41',
  '1+1',
  'a&b=c',
  'a?b#c',
  '[x]{y}',
  'semi;colon,comma',
  'back\\slash',
  'tab\tand\nnewline',
  'Łódź Ünïcødé',
  '山田太郎',
  'مرحبا',
  '👩‍👩‍👧‍👦',
  'undefined',
  'null',
  '0',
  'x'.repeat(512),
];

export const cases = {
  async 'record ids of any characters come back as they were sent'(world) {
    const { instance } = await world.connected();
    for (const id of STRANGE_IDS) {
      await instance.createLink({ appRecordId: id, externalRecordId: `${id.slice(0, 500)}-ext` });
    }

    for (const id of STRANGE_IDS) {
      const external = `${id.slice(0, 500)}-ext`;
      const exported = await instance.findLinks({ direction: 'export', appRecordId: id });
      const imported = await instance.findLinks({ direction: 'import', externalRecordId: external });
      assert.deepEqual(pairs(exported), [[id, external, 'export']]);
      assert.deepEqual(pairs(imported), [[id, external, 'import']]);
    }
    const all = await instance.findLinks();
    assert.equal(all.items.length, 2 * STRANGE_IDS.length);
  },

  async 'record ids of any characters can be deleted'(world) {
    const { instance } = await world.connected();
    for (const id of STRANGE_IDS) await instance.createLink({ appRecordId: id, externalRecordId: id });

    for (const id of STRANGE_IDS) await instance.deleteLink({ appRecordId: id, externalRecordId: id });

    assert.deepEqual(await instance.findLinks(), { items: [] });
  },

  async 'record ids are compared byte for byte'(world) {
    const { instance } = await world.connected();
    const alike = ['abc', 'ABC', 'abc ', ' abc', 'caf\u00e9', 'cafe\u0301', '1', '01', '1.0'];
    for (const id of alike) await instance.createLink({ appRecordId: id, externalRecordId: 'e', direction: 'export' });

    for (const id of alike)
      assert.deepEqual(pairs(await instance.findLinks({ appRecordId: id })), [[id, 'e', 'export']]);
  },

  async 'numbers as record ids stand for their decimal text'(world) {
    const { instance } = await world.connected();
    await instance.createLink({ appRecordId: 0, externalRecordId: 9001, direction: 'both' });
    await instance.createLink({ appRecordId: 9007199254740991, externalRecordId: 1.5, direction: 'both' });
    const large = await instance.createLink({ appRecordId: 1e21, externalRecordId: -12, direction: 'import' });

    assert.deepEqual(pairs(await instance.findLinks({ externalRecordId: 9001, direction: 'import' })), [
      ['0', '9001', 'import'],
    ]);
    assert.deepEqual(pairs(await instance.findLinks({ appRecordId: '0', direction: 'export' })), [
      ['0', '9001', 'export'],
    ]);
    assert.deepEqual(pairs(await instance.findLinks({ appRecordId: 0, direction: 'export' })), [
      ['0', '9001', 'export'],
    ]);
    assert.deepEqual(pairs(await instance.findLinks({ appRecordId: '9007199254740991', direction: 'export' })), [
      ['9007199254740991', '1.5', 'export'],
    ]);
    assert.deepEqual(pairs(large), [['1000000000000000000000', '-12', 'import']]);
    await instance.deleteLink({ appRecordId: '0', externalRecordId: '9001' });
    assert.equal((await instance.findLinks()).items.length, 3);
  },

  async 'record ids that cannot be kept are refused'(world) {
    const { instance } = await world.connected();
    const good = { appRecordId: 'a', externalRecordId: 'e', direction: 'both' };

    for (const bad of ['', 'x'.repeat(513), 'nul\0', null, true, ['a'], { id: 'a' }]) {
      await world.refused(instance.createLink({ ...good, appRecordId: bad }), undefined);
      await world.refused(instance.deleteLink({ ...good, externalRecordId: bad }), undefined);
    }
    await world.refused(instance.createLink({ appRecordId: 'a' }), undefined, /externalRecordId/);
    assert.deepEqual(await instance.findLinks(), { items: [] });
  },

  async 'half a character in a record id is refused, not broken'(world) {
    const { customer, instance } = await world.connected();
    const path = `/data-link-table-instance/links?id=${await instance.getId()}`;

    await world.refused(instance.createLink({ appRecordId: '\ud800', externalRecordId: 'e' }), undefined);
    // "%ED%A0%80" is what the encoding of the same half would be.
    await world.refused(customer.get(`${path}&appRecordId=%ED%A0%80`), undefined);
    await world.refused(customer.get(`${path}&appRecordId=a%00`), undefined);
  },
};
