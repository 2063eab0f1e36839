// Data links: written, found and deleted through the SDKs.
import assert from 'node:assert/strict';
import { idsOf, pairs } from '../world.mjs';

export const cases = {
  async 'a pair linked both ways is found from both sides'(world) {
    const { instance } = await world.connected();
    await instance.createLink({ appRecordId: 'app-1', externalRecordId: 'ext-1', direction: 'both' });

    const imported = await instance.findLinks({ direction: 'import', externalRecordId: 'ext-1' });
    const exported = await instance.findLinks({ direction: 'export', appRecordId: 'app-1' });

    assert.deepEqual(pairs(imported), [['app-1', 'ext-1', 'import']]);
    assert.deepEqual(pairs(exported), [['app-1', 'ext-1', 'export']]);
    assert.equal(imported.items[0].dataLinkTableInstanceId, await instance.getId());
  },

  async 'creating answers the first link and every link written'(world) {
    const { instance } = await world.connected();

    const both = await instance.createLink({ appRecordId: 'a', externalRecordId: 'e', direction: 'both' });
    const one = await instance.createLink({ appRecordId: 'a', externalRecordId: 'f', direction: 'export' });

    assert.deepEqual(
      both.items.map((link) => link.direction),
      ['import', 'export'],
    );
    assert.equal(both.id, both.items[0].id);
    assert.deepEqual(pairs(one), [['a', 'f', 'export']]);
  },

  async "the SDK's own direction names work"(world) {
    const { instance } = await world.connected();
    const { IMPORT, EXPORT, BOTH } = world.sdk.DataLinkDirection;

    await instance.createLink({ appRecordId: 'a', externalRecordId: 'e', direction: BOTH });

    for (const direction of [IMPORT, EXPORT]) {
      assert.deepEqual(pairs(await instance.findLinks({ direction })), [['a', 'e', direction]]);
    }
  },

  async 'an omitted direction means both when creating and deleting'(world) {
    const { instance } = await world.connected();
    const pair = { appRecordId: 'a', externalRecordId: 'e' };

    await instance.createLink(pair);
    const created = await instance.findLinks();
    await instance.deleteLink(pair);

    assert.deepEqual(new Set(created.items.map((link) => link.direction)), new Set(['import', 'export']));
    assert.deepEqual(await instance.findLinks(), { items: [] });
  },

  async 'find without filters, with empty ones and with both lists everything'(world) {
    const { instance } = await world.connected();
    await instance.createLink({ appRecordId: 'a', externalRecordId: 'e' });
    await instance.createLink({ appRecordId: 'b', externalRecordId: 'e', direction: 'import' });

    const queries = [
      undefined,
      {},
      { direction: 'both' },
      { direction: undefined, appRecordId: undefined },
      // The SDKs send null as an empty value.
      { direction: null, appRecordId: null, externalRecordId: null },
      { appRecordId: '' },
    ];

    for (const query of queries) assert.equal((await instance.findLinks(query)).items.length, 3);
  },

  async 'find filters by both record ids and direction together'(world) {
    const { instance } = await world.connected();
    for (const [appRecordId, externalRecordId] of [
      ['a', 'x'],
      ['a', 'y'],
      ['b', 'x'],
    ]) {
      await instance.createLink({ appRecordId, externalRecordId });
    }

    assert.equal((await instance.findLinks({ appRecordId: 'a' })).items.length, 4);
    assert.equal((await instance.findLinks({ externalRecordId: 'x', direction: 'both' })).items.length, 4);
    assert.deepEqual(
      pairs(await instance.findLinks({ appRecordId: 'b', externalRecordId: 'x', direction: 'export' })),
      [['b', 'x', 'export']],
    );
    assert.deepEqual(await instance.findLinks({ appRecordId: 'b', externalRecordId: 'y' }), { items: [] });
  },

  async 'finding nothing is an empty page'(world) {
    const { instance } = await world.connected();

    assert.deepEqual(await instance.findLinks({ direction: 'import', externalRecordId: 'nowhere' }), { items: [] });
  },

  async 'linking a pair again keeps the id and makes it the newest'(world) {
    const { instance } = await world.connected();
    const pair = { appRecordId: 'a', externalRecordId: 'x', direction: 'export' };
    const first = await instance.createLink(pair);
    await instance.createLink({ ...pair, externalRecordId: 'y' });

    const again = await instance.createLink(pair);

    const found = await instance.findLinks({ direction: 'export', appRecordId: 'a' });
    assert.equal(again.id, first.id);
    assert.deepEqual(pairs(found), [
      ['a', 'x', 'export'],
      ['a', 'y', 'export'],
    ]);
  },

  async 'thirty callers linking one pair at once make one link'(world) {
    const { instance } = await world.connected();
    const pair = { appRecordId: 'a', externalRecordId: 'e', direction: 'import' };

    const written = await Promise.all(Array.from({ length: 30 }, () => instance.createLink(pair)));

    assert.equal(new Set(idsOf({ items: written })).size, 1);
    assert.equal((await instance.findLinks()).items.length, 1);
  },

  async 'one record may be linked to many on either side'(world) {
    const { instance } = await world.connected();
    const links = [
      ['a', 'x'],
      ['a', 'y'],
      ['b', 'x'],
      ['b', 'y'],
    ];
    for (const [appRecordId, externalRecordId] of links) {
      await instance.createLink({ appRecordId, externalRecordId, direction: 'both' });
    }

    const exported = await instance.findLinks({ direction: 'export', appRecordId: 'a' });
    const imported = await instance.findLinks({ direction: 'import', externalRecordId: 'y' });

    assert.deepEqual(
      exported.items.map((link) => link.externalRecordId),
      ['y', 'x'],
    );
    assert.deepEqual(
      imported.items.map((link) => link.appRecordId),
      ['b', 'a'],
    );
  },

  async 'each direction may answer differently'(world) {
    const { instance } = await world.connected();
    await instance.createLink({ appRecordId: 'a', externalRecordId: 'merged', direction: 'import' });
    await instance.createLink({ appRecordId: 'a', externalRecordId: 'current', direction: 'export' });

    assert.deepEqual(pairs(await instance.findLinks({ direction: 'export', externalRecordId: 'merged' })), []);
    assert.deepEqual(pairs(await instance.findLinks({ direction: 'export', appRecordId: 'a' })), [
      ['a', 'current', 'export'],
    ]);
  },

  async 'delete removes exactly the pair and direction it names'(world) {
    const { instance } = await world.connected();
    await instance.createLink({ appRecordId: 'a', externalRecordId: 'e' });
    await instance.createLink({ appRecordId: 'a', externalRecordId: 'f' });

    await instance.deleteLink({ appRecordId: 'a', externalRecordId: 'e', direction: 'import' });
    const one = await instance.findLinks({ externalRecordId: 'e' });
    await instance.deleteLink({ appRecordId: 'a', externalRecordId: 'f', direction: 'both' });

    assert.deepEqual(pairs(one), [['a', 'e', 'export']]);
    assert.deepEqual(pairs(await instance.findLinks()), [['a', 'e', 'export']]);
  },

  async 'deleting what is not there succeeds'(world) {
    const { instance } = await world.connected();
    const pair = { appRecordId: 'a', externalRecordId: 'e' };
    await instance.createLink(pair);

    for (const direction of [undefined, 'both', 'import', 'export']) {
      assert.equal(await instance.deleteLink({ ...pair, direction }), '');
    }
    assert.equal(await instance.deleteLink({ appRecordId: 'never', externalRecordId: 'there' }), '');
  },

  async 'a deleted pair can be linked again'(world) {
    const { instance } = await world.connected();
    const pair = { appRecordId: 'a', externalRecordId: 'e', direction: 'export' };
    await instance.createLink(pair);
    await instance.deleteLink(pair);

    await instance.createLink(pair);

    assert.deepEqual(pairs(await instance.findLinks()), [['a', 'e', 'export']]);
  },

  async 'bodies that are no link are refused'(world) {
    const { instance } = await world.connected();

    for (const body of [undefined, {}, []]) await world.refused(instance.createLink(body), undefined);
    // The SDKs declare a text as a form.
    await world.refused(instance.createLink('text'), 'unsupported_media_type');
  },

  async 'an instance that is not named is refused'(world) {
    const { customer } = await world.connected();

    await world.refused(customer.dataLinkTableInstance({}).findLinks({ direction: 'import' }), undefined);
    await world.refused(customer.dataLinkTableInstance('').findLinks(), undefined);
  },

  async 'an unknown direction is refused'(world) {
    const { instance } = await world.connected();
    const pair = { appRecordId: 'a', externalRecordId: 'e', direction: 'sideways' };

    await world.refused(instance.createLink(pair), undefined);
    await world.refused(instance.deleteLink(pair), undefined);
    await world.refused(instance.findLinks({ direction: 'sideways' }), undefined);
  },

  async 'unknown fields of a link are ignored'(world) {
    const { instance } = await world.connected();

    const link = await instance.createLink({
      appRecordId: 'a',
      externalRecordId: 'e',
      direction: 'import',
      id: 'mine',
      note: 1,
    });

    assert.notEqual(link.id, 'mine');
    assert.equal('note' in link, false);
  },

  async 'links come in full pages without a cursor on the last'(world) {
    const { instance } = await world.connected();
    const numbers = Array.from({ length: 25 }, (_, number) => `app-${number}`);
    for (const appRecordId of numbers) {
      await instance.createLink({ appRecordId, externalRecordId: 'team', direction: 'import' });
    }

    const pages = [];
    let cursor;
    do {
      pages.push(await instance.findLinks({ direction: 'import', externalRecordId: 'team', limit: 10, cursor }));
      cursor = pages.at(-1).cursor;
    } while (cursor);

    assert.deepEqual(
      pages.map((page) => page.items.length),
      [10, 10, 5],
    );
    assert.equal('cursor' in pages[2], false);
    assert.deepEqual(
      pages.flatMap((page) => page.items.map((link) => link.appRecordId)),
      numbers.reverse(),
    );
  },

  async 'a first page may ask for cursor 0, an unknown cursor is refused'(world) {
    const { instance } = await world.connected();
    await instance.createLink({ appRecordId: 'a', externalRecordId: 'e', direction: 'import' });

    assert.equal((await instance.findLinks({ cursor: '0', limit: 1000 })).items.length, 1);
    await world.refused(instance.findLinks({ cursor: 'made-up' }), undefined);
    await world.refused(instance.findLinks({ limit: 1001 }), undefined);
  },

  async 'string and object selectors reach the same links'(world) {
    const { customer, table, integration, connection, instance } = await world.connected();
    const id = await instance.getId();
    const selectors = [
      id,
      { id },
      { dataLinkTableId: table.id, connectionId: connection.id },
      { dataLinkTableKey: table.key, integrationKey: integration.key },
    ];

    for (const [number, selector] of selectors.entries()) {
      const accessor = customer.dataLinkTableInstance(selector);
      await accessor.createLink({ appRecordId: `a${number}`, externalRecordId: 'e' });
      assert.equal((await accessor.findLinks({ appRecordId: `a${number}` })).items.length, 2);
      if (number % 2) await accessor.deleteLink({ appRecordId: `a${number}`, externalRecordId: 'e' });
    }

    assert.deepEqual(pairs(await instance.findLinks({ direction: 'export' })), [
      ['a2', 'e', 'export'],
      ['a0', 'e', 'export'],
    ]);
  },

  async 'the first link makes its instance'(world) {
    const { customer, selector } = await world.connected();
    const accessor = customer.dataLinkTableInstance(selector);

    assert.deepEqual(await accessor.findLinks(), { items: [] });
    const link = await accessor.createLink({ appRecordId: 'a', externalRecordId: 'e' });

    assert.equal((await accessor.get()).id, link.dataLinkTableInstanceId);
  },

  async 'connections, tables and instance keys do not share links'(world) {
    const { customer, integration, table, selector, instance } = await world.connected();
    const second = await customer.connections.create({ integrationId: integration.id, name: 'Second' });
    const otherTable = await world.table();
    await instance.createLink({ appRecordId: 'a', externalRecordId: 'e' });

    const others = [
      { dataLinkTableKey: table.key, connectionId: second.id },
      { ...selector, dataLinkTableKey: otherTable.key },
      { ...selector, instanceKey: 'second' },
    ];

    for (const other of others)
      assert.deepEqual(await customer.dataLinkTableInstance(other).findLinks(), { items: [] });
  },

  async 'an archived connection hides its links, restoring it brings them back'(world) {
    const { customer, connection, instance } = await world.connected();
    await instance.createLink({ appRecordId: 'a', externalRecordId: 'e' });

    await customer.connection(connection.id).archive();
    await world.refused(instance.findLinks(), 'not_found');
    await customer.post(`/connections/${connection.id}/restore`);

    assert.equal((await instance.findLinks()).items.length, 2);
  },

  async 'an archived table hides its links, restoring it brings them back'(world) {
    const { table, instance } = await world.connected();
    await instance.createLink({ appRecordId: 'a', externalRecordId: 'e' });

    await world.admin.dataLinkTable(table.key).archive();
    await world.refused(instance.findLinks(), 'not_found');
    await world.admin.dataLinkTable(table.id).restore();

    assert.equal((await instance.findLinks()).items.length, 2);
  },

  async 'an archived integration or customer hides links, restoring it brings them back'(world) {
    const { customerId, integration, instance } = await world.connected();
    await instance.createLink({ appRecordId: 'a', externalRecordId: 'e' });
    const adminsInstance = world.admin.dataLinkTableInstance(await instance.getId());

    for (const owner of [world.admin.integration(integration.key), world.admin.customer(customerId)]) {
      await owner.archive();
      await world.refused(adminsInstance.findLinks(), 'not_found');
      await owner.restore();
      assert.equal((await adminsInstance.findLinks()).items.length, 2);
    }
  },

  async 'a contact sync finds, moves and forgets its links'(world) {
    const { customer, customerId, table, connection } = await world.connected();
    const links = customer.dataLinkTableInstance({
      dataLinkTableKey: table.key,
      connectionId: connection.id,
      userId: customerId,
      autoCreate: true,
    });

    await links.createLink({ appRecordId: 'contact-1', externalRecordId: '5501', direction: 'both' });
    const [known] = (await links.findLinks({ direction: 'export', appRecordId: 'contact-1' })).items;
    await links.deleteLink({ appRecordId: 'contact-1', externalRecordId: known.externalRecordId });
    await links.createLink({ appRecordId: 'contact-1', externalRecordId: '5502', direction: 'both' });

    const exported = await links.findLinks({ direction: 'export', appRecordId: 'contact-1' });
    assert.deepEqual(
      exported.items.map((link) => link.externalRecordId),
      ['5502'],
    );
    assert.deepEqual(await links.findLinks({ direction: 'import', externalRecordId: '5501' }), { items: [] });
  },
};
