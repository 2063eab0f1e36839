// Only the older SDK can disconnect an integration.
import assert from 'node:assert/strict';

export const sdks = ['@integration-app/sdk'];

export const cases = {
  async 'disconnecting an integration keeps the connection and its links'(world) {
    const { customer, integration, connection, instance } = await world.connected();
    await instance.createLink({ appRecordId: 'a', externalRecordId: 'e' });

    await customer.integration(integration.key).disconnect();

    const found = await customer.connection(connection.id).get();
    assert.deepEqual([found.disconnected, found.connected], [true, false]);
    assert.equal((await instance.findLinks()).items.length, 2);
  },

  async 'disconnecting concerns only the customer of the token'(world) {
    const { customer, integration } = await world.connected();
    const stranger = world.customer(world.fresh('customer'));
    const other = await stranger.connections.create({ integrationId: integration.id });

    await customer.integration(integration.id).disconnect();

    assert.equal((await stranger.connection(other.id).get()).disconnected, false);
  },

  async 'the connector spec of an integration answers'(world) {
    const integration = await world.integration();

    assert.equal(typeof (await world.admin.integration(integration.key).getConnectorSpec()), 'object');
  },
};
