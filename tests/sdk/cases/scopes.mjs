// What one customer never sees of another, and what an admin sees of all.
import assert from 'node:assert/strict';
import { idsOf } from '../world.mjs';

export const cases = {
  async "a customer does not see another's connections"(world) {
    const { connection } = await world.connected();
    const stranger = world.customer(world.fresh('customer'));

    await world.refused(stranger.connection(connection.id).get(), 'not_found');
    await world.refused(stranger.connection(connection.id).patch({ name: 'taken' }), 'not_found');
    await world.refused(stranger.connection(connection.id).put({ name: 'taken' }), 'not_found');
    await world.refused(stranger.connection(connection.id).archive(), 'not_found');
    assert.deepEqual(await stranger.connections.find(), { items: [] });
    assert.deepEqual(await stranger.connections.find({ id: connection.id }), { items: [] });
  },

  async "a customer does not see another's instances"(world) {
    const { instance, selector, connection } = await world.connected();
    const id = await instance.getId();
    const stranger = world.customer(world.fresh('customer'));

    for (const other of [id, { id }, selector, { ...selector, autoCreate: true }]) {
      const accessor = stranger.dataLinkTableInstance(other);
      await world.refused(accessor.get(), 'not_found');
      await world.refused(accessor.create(), 'not_found');
      await world.refused(accessor.put({}), 'not_found');
      await world.refused(accessor.archive(), 'not_found');
      await world.refused(accessor.restore(), 'not_found');
    }
    assert.deepEqual(await stranger.dataLinkTableInstances.find({ connectionId: connection.id }), { items: [] });
    assert.equal('archivedAt' in (await instance.get()), false);
  },

  async "a customer does not see or write another's links"(world) {
    const { instance, selector, table, connection } = await world.connected();
    const id = await instance.getId();
    const link = await instance.createLink({ appRecordId: 'a', externalRecordId: 'e' });
    const stranger = world.customer(world.fresh('customer'));
    const pair = { appRecordId: 'a', externalRecordId: 'e' };

    for (const other of [id, selector, { ...selector, autoCreate: true }]) {
      const accessor = stranger.dataLinkTableInstance(other);
      await world.refused(accessor.findLinks(), 'not_found');
      await world.refused(accessor.createLink(pair), 'not_found');
      await world.refused(accessor.deleteLink(pair), 'not_found');
    }
    await world.refused(stranger.get('/data-links', { dataLinkTableInstanceId: id }), 'not_found');
    await world.refused(stranger.delete(`/data-links/${link.id}`), 'not_found');
    await world.refused(
      stranger.get(`/data-link-tables/${table.key}/links`, { connectionId: connection.id }),
      'not_found',
    );
    await world.refused(stranger.get(`/data-link-tables/${id}/links`), 'not_found');
    assert.equal((await instance.findLinks()).items.length, 2);
  },

  async 'two customers of one integration have links of their own'(world) {
    const { customer, integration, table } = await world.connected();
    const stranger = world.customer(world.fresh('customer'));
    await stranger.connections.create({ integrationId: integration.id });
    const selector = { dataLinkTableKey: table.key, integrationKey: integration.key };
    const own = customer.dataLinkTableInstance(selector);
    const others = stranger.dataLinkTableInstance(selector);

    await own.createLink({ appRecordId: 'a', externalRecordId: 'own', direction: 'export' });
    await others.createLink({ appRecordId: 'a', externalRecordId: 'other', direction: 'export' });

    const externalOf = async (instance) => (await instance.findLinks({ appRecordId: 'a' })).items[0].externalRecordId;
    assert.deepEqual([await externalOf(own), await externalOf(others)], ['own', 'other']);
  },

  async 'a customer who names another as userId is refused'(world) {
    const { customerId, table, integration } = await world.connected();
    const stranger = world.customer(world.fresh('customer'));
    const selector = { dataLinkTableKey: table.key, integrationKey: integration.key, userId: customerId };

    await world.refused(stranger.dataLinkTableInstance(selector).findLinks(), 'not_found');
    await world.refused(
      stranger.connections.create({ integrationId: integration.id, userId: customerId }),
      'not_found',
    );
  },

  async "an admin sees and writes what is every customer's"(world) {
    const { connection, instance } = await world.connected();
    const id = await instance.getId();
    const accessor = world.admin.dataLinkTableInstance(id);

    await accessor.createLink({ appRecordId: 'a', externalRecordId: 'e' });

    assert.equal((await instance.findLinks()).items.length, 2);
    assert.equal((await world.admin.connection(connection.id).get()).id, connection.id);
    assert.deepEqual(idsOf(await world.admin.dataLinkTableInstances.find({ connectionId: connection.id })), [id]);
  },

  async "an admin asks for one customer's things by either id"(world) {
    const { customer, customerId, connection, instance } = await world.connected();
    const { id: userId } = await customer.self.get();
    const instanceId = await instance.getId();

    for (const owner of [{ userId }, { tenantId: userId }, { userId: customerId }]) {
      assert.deepEqual(idsOf(await world.admin.connections.find(owner)), [connection.id]);
      assert.deepEqual(idsOf(await world.admin.dataLinkTableInstances.find(owner)), [instanceId]);
    }
    await world.refused(world.admin.connections.find({ userId: 'no-such-customer' }), 'not_found');
  },
};
