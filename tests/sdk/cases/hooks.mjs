// The requests of the React packages' hooks, in the shapes that they send.
import assert from 'node:assert/strict';
import { idsOf } from '../world.mjs';

const PAGE = 25;

/** What a paginated list hook does: every page has a hash of its query, and a short page ends the list. */
async function loadAll(client, path, query) {
  const items = [];
  let cursor;
  for (;;) {
    const page = await client.get(path, { ...query, hash: 1867431902, limit: PAGE, cursor });
    items.push(...page.items);
    cursor = page.cursor;
    if (page.items.length < PAGE) return items;
  }
}

export const cases = {
  async 'the table list loads page after page'(world) {
    const prefix = world.fresh('hooked');
    for (let number = 0; number < PAGE + 3; number += 1) await world.table({ key: `${prefix}-${number}` });

    const items = await loadAll(world.admin, '/data-link-tables', { search: prefix });

    assert.equal(new Set(items.map((table) => table.key)).size, PAGE + 3);
  },

  async 'the instance list loads page after page'(world) {
    const { customer, connection, selector } = await world.connected();
    for (let number = 0; number < PAGE + 1; number += 1) {
      await customer.dataLinkTableInstance({ ...selector, instanceKey: `key-${number}` }).create();
    }

    const items = await loadAll(customer, '/data-link-table-instances', { connectionId: connection.id });

    assert.equal(new Set(items.map((instance) => instance.instanceKey)).size, PAGE + 1);
  },

  async 'the table picker shows tables to admins and instances to customers'(world) {
    const { customer, connection, table, instance } = await world.connected();
    await instance.getId();

    const tables = await world.admin.get('/data-link-tables');
    const instances = await customer.get('/data-link-table-instances', { connectionId: connection.id });

    assert.ok(tables.items.some((each) => each.key === table.key));
    assert.deepEqual(
      instances.items.map((each) => each.dataLinkTable.key),
      [table.key],
    );
    assert.deepEqual(
      instances.items.map((each) => each.dataLinkTable.name),
      [table.name],
    );
  },

  async 'patch of the table hook puts the whole merged item'(world) {
    const table = await world.table({ description: 'kept' });
    const item = await world.admin.dataLinkTable(table.key).get();

    const changed = await world.admin.dataLinkTable(table.key).put({ ...item, name: 'Edited' });

    assert.deepEqual([changed.id, changed.name, changed.description], [table.id, 'Edited', 'kept']);
  },

  async 'patch of the instance hook puts the whole merged item'(world) {
    const { instance } = await world.connected();
    const item = await instance.get();

    const changed = await instance.put({ ...item, name: 'Edited' });

    assert.equal(changed.id, item.id);
  },

  async 'archive of the table hook gets the archived item right after'(world) {
    const table = await world.table();
    const accessor = world.admin.dataLinkTable(table.id);

    await accessor.archive();

    assert.ok((await accessor.get()).archivedAt);
  },

  async 'archive of the instance hook gets the archived item right after'(world) {
    const { instance } = await world.connected();
    const id = await instance.getId();

    await instance.archive();

    const item = await instance.get();
    assert.equal(item.id, id);
    assert.ok(item.archivedAt);
  },

  async 'lists with includeArchived show what is archived'(world) {
    const { customer, connection, instance } = await world.connected();
    const id = await instance.getId();
    await instance.archive();
    const query = { connectionId: connection.id, hash: -12, limit: PAGE };

    assert.deepEqual(await customer.get('/data-link-table-instances', query), { items: [] });
    assert.deepEqual(idsOf(await customer.get('/data-link-table-instances', { ...query, includeArchived: true })), [
      id,
    ]);
    assert.deepEqual(await customer.get('/data-link-table-instances', { ...query, includeArchived: false }), {
      items: [],
    });
  },
};
