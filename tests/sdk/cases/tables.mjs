// Data link tables: the workspace's own elements.
import assert from 'node:assert/strict';
import { idsOf } from '../world.mjs';

// More than one page of findAll, which asks for 1000 items at a time.
const CROWD = 1005;
const AT_ONCE = 50;

async function createMany(world, prefix, count) {
  for (let made = 0; made < count; made += AT_ONCE) {
    const batch = Array.from({ length: Math.min(AT_ONCE, count - made) }, (_, index) => made + index);
    await Promise.all(batch.map((number) => world.admin.dataLinkTables.create({ key: `${prefix}-${number}` })));
  }
}

export const cases = {
  async 'create answers the table with everything that elements have'(world) {
    const key = world.fresh('users');
    const meta = { owner: 'crm', nested: { empty: null } };

    const table = await world.admin.dataLinkTables.create({ key, name: 'Users 👥', description: 'Both sides', meta });

    assert.match(table.id, /^[0-9a-f]{24}$/);
    assert.deepEqual([table.key, table.name, table.description], [key, 'Users 👥', 'Both sides']);
    assert.deepEqual(table.meta, meta);
    assert.equal(table.state, 'READY');
    assert.equal(typeof table.revision, 'string');
    assert.match(table.uuid, /^[0-9a-f-]{36}$/);
    assert.ok(Date.parse(table.createdAt) <= Date.now() + 1000);
    assert.equal('archivedAt' in table, false);
  },

  async 'create makes the key from the name and the name from the key'(world) {
    const name = `Deals ${world.fresh('and Quotes')}`;
    const key = world.fresh('deals');

    const named = await world.admin.dataLinkTables.create({ name });
    const keyed = await world.admin.dataLinkTables.create({ key });

    assert.match(named.key, /^[a-z0-9-]+$/);
    assert.equal((await world.admin.dataLinkTable(named.key).get()).id, named.id);
    assert.equal(keyed.name, key);
  },

  async 'create refuses a key that is taken'(world) {
    const { key } = await world.table();

    await world.refused(world.admin.dataLinkTables.create({ key }), 'already_exists');
  },

  async 'create refuses a table without name and key'(world) {
    await world.refused(world.admin.dataLinkTables.create({}), undefined, /name|key/);
  },

  async 'create ignores an id and fields it does not know'(world) {
    const foreign = {
      id: 'a'.repeat(24),
      state: 'SETUP_FAILED',
      errors: [{ message: 'x' }],
      isDeactivated: true,
      other: 1,
    };

    const table = await world.table(foreign);

    assert.notEqual(table.id, foreign.id);
    assert.equal(table.state, 'READY');
    assert.equal(table.isDeactivated, false);
    assert.equal('other' in table, false);
  },

  async 'of many creations of one key at once one succeeds'(world) {
    const key = world.fresh('raced');

    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () => world.admin.dataLinkTables.create({ key })),
    );

    const refusals = outcomes
      .filter((outcome) => outcome.status === 'rejected')
      .map((outcome) => outcome.reason.data.key);
    assert.deepEqual(refusals, Array(19).fill('already_exists'));
  },

  async 'get finds a table by key, id and uuid'(world) {
    const table = await world.table();

    for (const selector of [table.key, table.id, table.uuid]) {
      assert.deepEqual(await world.admin.dataLinkTable(selector).get(), table);
    }
  },

  async 'get of an unknown table is not found'(world) {
    await world.refused(world.admin.dataLinkTable('no-such-table').get(), 'not_found', /no-such-table/);
  },

  async 'put replaces what may be written'(world) {
    const table = await world.table({ description: 'old', meta: { old: true } });

    const changed = await world.admin.dataLinkTable(table.key).put({ key: table.key, name: 'New name' });

    assert.equal(changed.id, table.id);
    assert.equal(changed.name, 'New name');
    assert.equal('description' in changed, false);
    assert.equal('meta' in changed, false);
    assert.notEqual(changed.revision, table.revision);
    assert.deepEqual(await world.admin.dataLinkTable(table.id).get(), changed);
  },

  async 'put takes back the whole table that get answered'(world) {
    const table = await world.table({ description: 'kept', meta: { kept: 1 } });
    const fetched = await world.admin.dataLinkTable(table.key).get();

    const changed = await world.admin.dataLinkTable(table.key).put({ ...fetched, name: 'Renamed' });

    const { revision: _, updatedAt: __, ...rest } = { ...fetched, name: 'Renamed' };
    const { revision: ___, updatedAt: ____, ...changedRest } = changed;
    assert.deepEqual(changedRest, rest);
  },

  async 'patch changes only what it has'(world) {
    const table = await world.table({ description: 'kept' });

    const changed = await world.admin.dataLinkTable(table.id).patch({ name: 'Patched' });

    assert.deepEqual([changed.name, changed.description, changed.key], ['Patched', 'kept', table.key]);
  },

  async 'patch may change the key'(world) {
    const table = await world.table();
    const key = world.fresh('renamed');

    await world.admin.dataLinkTable(table.key).patch({ key });

    assert.equal((await world.admin.dataLinkTable(key).get()).id, table.id);
    await world.refused(world.admin.dataLinkTable(table.key).get(), 'not_found');
  },

  async 'archive hides a table from lists and keeps it by id, restore brings it back'(world) {
    const table = await world.table();
    const accessor = world.admin.dataLinkTable(table.key);
    const query = { search: table.key };

    assert.equal(await accessor.archive(), undefined);
    const hidden = await world.admin.dataLinkTables.find(query);
    const withArchived = await world.admin.dataLinkTables.find({ ...query, includeArchived: true });
    const archived = await world.admin.dataLinkTable(table.id).get();
    const restored = await world.admin.dataLinkTable(table.id).restore();

    assert.deepEqual(hidden, { items: [] });
    assert.deepEqual(idsOf(withArchived), [table.id]);
    assert.ok(Date.parse(archived.archivedAt));
    assert.equal(archived.isDeactivated, true);
    assert.equal('archivedAt' in restored, false);
    assert.deepEqual(idsOf(await world.admin.dataLinkTables.find(query)), [table.id]);
  },

  async 'archivedAt may be written like any other field'(world) {
    const table = await world.table();
    const archivedAt = '2024-05-06T07:08:09.000Z';

    const archived = await world.admin.dataLinkTable(table.id).patch({ archivedAt });
    const restored = await world.admin.dataLinkTable(table.id).patch({ archivedAt: null });

    assert.equal(Date.parse(archived.archivedAt), Date.parse(archivedAt));
    assert.equal('archivedAt' in restored, false);
  },

  async "a key that an archived table had can be taken, and is then the live one's"(world) {
    const table = await world.table();
    await world.admin.dataLinkTable(table.key).archive();

    const second = await world.table({ key: table.key });

    assert.equal((await world.admin.dataLinkTable(table.key).get()).id, second.id);
    assert.equal((await world.admin.dataLinkTable(table.id).get()).id, table.id);
    await world.refused(world.admin.dataLinkTable(table.id).restore(), 'already_exists');
  },

  async 'object selectors name a table by id or key'(world) {
    const table = await world.table();

    for (const selector of [{ id: table.id }, { key: table.key }]) {
      const accessor = world.admin.dataLinkTable(selector);
      assert.equal((await accessor.get()).id, table.id);
      assert.equal((await accessor.put({ name: 'Put' })).name, 'Put');
      assert.equal((await accessor.patch({ name: 'Patched' })).name, 'Patched');
      await accessor.archive();
      assert.equal((await accessor.restore()).id, table.id);
    }
  },

  async 'an object selector that names nothing is refused'(world) {
    await world.refused(world.admin.dataLinkTable({}).get(), undefined);
    await world.refused(world.admin.dataLinkTable({ id: 'b'.repeat(24) }).get(), 'not_found');
  },

  async 'find searches key and name without regard to case'(world) {
    const word = world.fresh('needle');
    const byKey = await world.table({ key: `${word}-key` });
    const byName = await world.table({ name: `The ${word.toUpperCase()} name` });
    await world.table({ key: `other-${world.fresh('hay')}` });

    const found = await world.admin.dataLinkTables.find({ search: word });

    assert.deepEqual(idsOf(found), [byName.id, byKey.id]);
  },

  async 'find fills its pages and leaves the cursor out on the last one'(world) {
    const prefix = world.fresh('paged');
    await createMany(world, prefix, 5);

    const pages = [];
    let cursor;
    do {
      pages.push(await world.admin.dataLinkTables.find({ search: prefix, limit: 2, cursor }));
      cursor = pages.at(-1).cursor;
    } while (cursor);

    assert.deepEqual(
      pages.map((page) => page.items.length),
      [2, 2, 1],
    );
    assert.equal('cursor' in pages[2], false);
    assert.equal(new Set(pages.flatMap(idsOf)).size, 5);
  },

  async 'a last page that is full has no cursor either'(world) {
    const prefix = world.fresh('full');
    await createMany(world, prefix, 2);

    const page = await world.admin.dataLinkTables.find({ search: prefix, limit: 2 });

    assert.equal(page.items.length, 2);
    assert.equal('cursor' in page, false);
  },

  async 'findAll goes through every page'(world) {
    const prefix = world.fresh('crowd');
    await createMany(world, prefix, CROWD);

    const found = await world.admin.dataLinkTables.findAll({ search: prefix });

    assert.equal(found.length, CROWD);
    assert.equal(new Set(found.map((table) => table.key)).size, CROWD);
  },

  async 'findAll of nothing is empty'(world) {
    assert.deepEqual(await world.admin.dataLinkTables.findAll({ search: 'nothing is called this' }), []);
  },

  async 'limits outside 1 to 1000 and unknown cursors are refused'(world) {
    for (const query of [{ limit: 0 }, { limit: 1001 }, { limit: -1 }, { limit: 'many' }, { cursor: 'made-up' }]) {
      await world.refused(world.admin.dataLinkTables.find(query), undefined);
    }
  },

  async 'the list has universal tables only, the connection layer their instances'(world) {
    const { customer, table, connection, instance } = await world.connected();
    const instanceId = await instance.getId();

    const universal = await customer.dataLinkTables.find({ search: table.key });
    const named = await customer.dataLinkTables.find({ search: table.key, layer: 'universal' });
    const layer = await customer.dataLinkTables.find({ layer: 'connection' });
    const ofConnection = await customer.dataLinkTables.find({ connectionId: connection.id });

    assert.deepEqual([idsOf(universal), idsOf(named)], [[table.id], [table.id]]);
    assert.deepEqual([idsOf(layer), idsOf(ofConnection)], [[instanceId], [instanceId]]);
    await world.refused(customer.dataLinkTables.find({ layer: 'integration' }), undefined);
  },

  async 'a table with a connection is its instance'(world) {
    const { customer, table, connection, instance } = await world.connected();

    const found = await customer.get(`/data-link-tables/${table.key}`, { connectionId: connection.id });

    assert.equal(found.id, await instance.getId());
    assert.equal((await customer.dataLinkTable(found.id).get()).dataLinkTableId, table.id);
  },

  async 'an instance can be created, archived and restored as a table of the connection layer'(world) {
    const { customer, table, connection } = await world.connected();

    const made = await customer.dataLinkTables.create({ dataLinkTableId: table.id, connectionId: connection.id });
    const accessor = customer.dataLinkTable(made.id);
    await accessor.archive();
    const archived = await accessor.get();
    const restored = await accessor.restore();

    assert.deepEqual([made.dataLinkTableId, made.connectionId], [table.id, connection.id]);
    assert.ok(archived.archivedAt);
    assert.equal('archivedAt' in restored, false);
    assert.equal('archivedAt' in (await customer.dataLinkTable(table.id).get()), false);
  },

  async 'a table exports what travels to another workspace'(world) {
    const table = await world.table({ name: 'Travels', description: 'far', meta: { a: 1 } });

    const exported = await world.admin.get(`/data-link-tables/${table.key}/export`);

    const { uuid, key } = table;
    assert.deepEqual(exported, { uuid, key, name: 'Travels', description: 'far', meta: { a: 1 } });
  },

  async 'refresh answers the table, dependencies are none'(world) {
    const table = await world.table();

    const refreshed = await world.admin.post(`/data-link-tables/${table.key}/refresh`);
    const dependencies = await world.admin.get(`/data-link-tables/${table.key}/dependencies`);

    assert.equal(refreshed.id, table.id);
    assert.deepEqual(dependencies, []);
  },

  async 'customers read tables and cannot write them'(world) {
    const table = await world.table();
    const customer = world.customer(world.fresh('customer'));
    const accessor = customer.dataLinkTable(table.key);

    assert.deepEqual(await accessor.get(), table);
    assert.deepEqual(idsOf(await customer.dataLinkTables.find({ search: table.key })), [table.id]);
    await world.refused(customer.dataLinkTables.create({ key: world.fresh('table') }), 'access_denied');
    await world.refused(accessor.put({ name: 'x' }), 'access_denied');
    await world.refused(accessor.patch({ name: 'x' }), 'access_denied');
    await world.refused(accessor.archive(), 'access_denied');
    await world.refused(accessor.restore(), 'access_denied');
    assert.deepEqual(await accessor.get(), table);
  },
};
