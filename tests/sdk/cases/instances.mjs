// Table instances: a table for one connection, made when it is first needed.
import assert from 'node:assert/strict';
import { idsOf } from '../world.mjs';

export const cases = {
  async 'get of a missing instance is not found unless autoCreate says so'(world) {
    const { customer, table, connection, selector } = await world.connected();

    await world.refused(customer.dataLinkTableInstance(selector).get(), 'not_found');
    await world.refused(customer.dataLinkTableInstance({ ...selector, autoCreate: false }).get(), 'not_found');
    const made = await customer.dataLinkTableInstance({ ...selector, autoCreate: true }).get();

    assert.deepEqual([made.dataLinkTableId, made.connectionId], [table.id, connection.id]);
    assert.equal((await customer.dataLinkTableInstance(selector).get()).id, made.id);
  },

  async 'an instance shows its table, connection, integration and customer'(world) {
    const { customer, customerId, table, integration, connection, instance } = await world.connected();
    const self = await customer.self.get();

    const found = await instance.get();

    assert.deepEqual(found.dataLinkTable, { id: table.id, key: table.key, name: table.name });
    assert.equal(found.connection.id, connection.id);
    assert.deepEqual([found.integrationId, found.integration.key], [integration.id, integration.key]);
    assert.deepEqual([found.userId, found.tenantId], [self.id, self.id]);
    assert.equal(found.user.internalId, customerId);
    assert.equal(found.name, table.name);
    assert.equal(found.state, 'READY');
    assert.equal('instanceKey' in found, false);
  },

  async 'getId asks once for an object selector and never for a string'(world) {
    const { customer, instance } = await world.connected();

    const id = await instance.getId();

    assert.equal(await instance.getId(), id);
    assert.equal(await customer.dataLinkTableInstance('anything').getId(), 'anything');
  },

  async 'create without a body and with an empty one make the same instance'(world) {
    const { customer, selector } = await world.connected();

    const bare = await customer.dataLinkTableInstance(selector).create();
    const empty = await customer.dataLinkTableInstance(selector).create({});

    assert.equal(bare.id, empty.id);
    assert.equal((await customer.dataLinkTableInstance(selector).get()).id, bare.id);
  },

  async 'create keeps the id for the accessor'(world) {
    const { customer, selector } = await world.connected();
    const accessor = customer.dataLinkTableInstance(selector);

    const made = await accessor.create();

    assert.equal(await accessor.getId(), made.id);
    await assert.rejects(accessor.create(), /already exists/);
  },

  async 'put and patch of an empty body answer the instance'(world) {
    const { instance } = await world.connected();
    const id = await instance.getId();

    assert.equal((await instance.put({})).id, id);
    assert.equal((await instance.patch({})).id, id);
  },

  async 'archive and delete hide an instance with its links, restore brings both back'(world) {
    for (const method of ['archive', 'delete']) {
      const { customer, connection, selector, instance } = await world.connected();
      const id = await instance.getId();
      await instance.createLink({ appRecordId: 'a', externalRecordId: 'e' });
      const accessor = customer.dataLinkTableInstance(selector);

      await accessor[method]();
      const hidden = await customer.dataLinkTableInstances.find({ connectionId: connection.id });
      const archived = await customer.dataLinkTableInstance(id).get();

      assert.deepEqual(hidden, { items: [] });
      assert.ok(Date.parse(archived.archivedAt));
      await world.refused(accessor.findLinks(), 'not_found');
      const restored = await accessor.restore();
      assert.equal(restored.id, id);
      assert.equal('archivedAt' in restored, false);
      assert.equal((await accessor.findLinks()).items.length, 2);
    }
  },

  async 'create restores an archived instance'(world) {
    const { customer, selector, instance } = await world.connected();
    const id = await instance.getId();
    await instance.archive();

    const created = await customer.dataLinkTableInstance(selector).create();

    assert.equal(created.id, id);
    assert.equal('archivedAt' in created, false);
  },

  async 'find filters by connection, integration and table'(world) {
    const { customer, table, integration, connection, instance } = await world.connected();
    const other = await world.table();
    const id = await instance.getId();
    const otherId = await customer
      .dataLinkTableInstance({ dataLinkTableKey: other.key, connectionId: connection.id, autoCreate: true })
      .getId();
    const find = async (query) => idsOf(await customer.dataLinkTableInstances.find(query));

    assert.deepEqual(await find(), [otherId, id]);
    assert.deepEqual(await find({ connectionId: connection.id }), [otherId, id]);
    assert.deepEqual(await find({ integrationId: integration.id }), [otherId, id]);
    assert.deepEqual(await find({ dataLinkTableId: table.id }), [id]);
    assert.deepEqual(await find({ connectionId: connection.id, dataLinkTableId: other.id }), [otherId]);
    assert.deepEqual(await find({ connectionId: 'c'.repeat(24) }), []);
  },

  async 'find pages through instances'(world) {
    const { customer, selector } = await world.connected();
    const keys = ['one', 'two', 'three'];
    for (const instanceKey of keys) await customer.dataLinkTableInstance({ ...selector, instanceKey }).create();

    const first = await customer.dataLinkTableInstances.find({ limit: 2 });
    const last = await customer.dataLinkTableInstances.find({ limit: 2, cursor: first.cursor });

    assert.deepEqual(
      [...first.items, ...last.items].map((item) => item.instanceKey),
      keys.reverse(),
    );
    assert.equal('cursor' in last, false);
  },

  async 'fifty callers with autoCreate at once get one instance'(world) {
    const { customer, connection, instance } = await world.connected();
    const { selector } = instance.options;

    const ids = await Promise.all(Array.from({ length: 50 }, () => customer.dataLinkTableInstance(selector).getId()));

    assert.equal(new Set(ids).size, 1);
    assert.deepEqual(idsOf(await customer.dataLinkTableInstances.find({ connectionId: connection.id })), [ids[0]]);
  },

  async 'fifty callers of every kind at once get one instance'(world) {
    const { customer, connection, table, selector } = await world.connected();
    const callers = [
      () => customer.dataLinkTableInstance({ ...selector, autoCreate: true }).getId(),
      async () => (await customer.dataLinkTableInstance(selector).create()).id,
      async () => (await customer.get(`/data-link-tables/${table.key}`, { connectionId: connection.id })).id,
      async () => {
        const link = { appRecordId: 'a', externalRecordId: 'e', direction: 'import' };
        return (await customer.dataLinkTableInstance(selector).createLink(link)).dataLinkTableInstanceId;
      },
    ];

    const ids = await Promise.all(Array.from({ length: 52 }, (_, number) => callers[number % callers.length]()));

    assert.equal(new Set(ids).size, 1);
  },

  async 'an instanceKey makes instances of their own'(world) {
    const { customer, selector } = await world.connected();
    const plain = await customer.dataLinkTableInstance({ ...selector, autoCreate: true }).get();

    const keyed = await customer
      .dataLinkTableInstance({ ...selector, instanceKey: 'Süd & West/1', autoCreate: true })
      .get();

    assert.notEqual(keyed.id, plain.id);
    assert.equal(keyed.instanceKey, 'Süd & West/1');
    assert.equal((await customer.dataLinkTableInstance(selector).get()).id, plain.id);
    const found = await customer.get('/data-link-table-instances', { instanceKey: 'Süd & West/1' });
    assert.deepEqual(idsOf(found), [keyed.id]);
  },

  async 'every way to name table and connection means the same instance'(world) {
    const { customer, customerId, table, integration, connection, instance } = await world.connected();
    await customer.connection(connection.id).patch({ key: 'crm' });
    const self = await customer.self.get();
    const id = await instance.getId();
    const tables = [
      { dataLinkTableId: table.id },
      { dataLinkTableKey: table.key },
      { parentId: table.id },
      { parentKey: table.key },
    ];
    const connections = [
      { connectionId: connection.id },
      { connectionKey: 'crm' },
      { integrationId: integration.id },
      { integrationKey: integration.key },
      { integrationKey: integration.key, userId: self.id },
      { integrationKey: integration.key, userId: customerId },
    ];

    for (const named of tables) {
      for (const connected of connections) {
        assert.equal((await customer.dataLinkTableInstance({ ...named, ...connected }).get()).id, id);
      }
    }
    assert.equal((await customer.dataLinkTableInstance(id).get()).id, id);
    assert.equal((await customer.dataLinkTableInstance({ id }).get()).id, id);
  },

  async 'an admin names the customer by either id'(world) {
    const { customer, customerId, table, integration, instance } = await world.connected();
    const self = await customer.self.get();
    const id = await instance.getId();

    for (const userId of [customerId, self.id]) {
      const selector = { dataLinkTableKey: table.key, integrationKey: integration.key, userId };
      assert.equal((await world.admin.dataLinkTableInstance(selector).get()).id, id);
    }
  },

  async 'a selector that fits several connections is refused and names them'(world) {
    const { customer, integration, table, connection } = await world.connected();
    const second = await customer.connections.create({ integrationId: integration.id, name: 'Second' });
    const selector = { dataLinkTableKey: table.key, integrationKey: integration.key, autoCreate: true };

    const error = await world.refused(customer.dataLinkTableInstance(selector).get(), undefined, /several/);

    assert.deepEqual(new Set(error.data.data.connectionIds), new Set([connection.id, second.id]));
  },

  async 'an incomplete selector is refused, an unknown part of it is not found'(world) {
    const { customer, table, connection } = await world.connected();
    const get = (selector) => customer.dataLinkTableInstance({ autoCreate: true, ...selector }).get();

    await world.refused(get({ dataLinkTableKey: table.key }), undefined);
    await world.refused(get({ connectionId: connection.id }), undefined);
    await world.refused(get({ dataLinkTableKey: 'no-such', connectionId: connection.id }), 'not_found');
    await world.refused(get({ dataLinkTableKey: table.key, connectionId: 'd'.repeat(24) }), 'not_found');
    await world.refused(get({ dataLinkTableKey: table.key, integrationKey: 'no-such' }), 'not_found');
    await world.refused(customer.dataLinkTableInstance('e'.repeat(24)).get(), 'not_found');
  },
};
