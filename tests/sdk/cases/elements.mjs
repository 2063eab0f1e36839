// Customers, integrations and connections: what links hang on.
import assert from 'node:assert/strict';
import { idsOf } from '../world.mjs';

export const cases = {
  async 'customers are created, found and changed by admins'(world) {
    const internalId = world.fresh('customer');
    const created = await world.admin.customers.create({ internalId, name: 'Ödön Kft.', fields: { plan: 'free' } });

    for (const selector of [created.id, internalId]) {
      assert.equal((await world.admin.customer(selector).get()).id, created.id);
    }
    assert.equal((await world.admin.customer({ id: created.id }).get()).internalId, internalId);
    assert.equal((await world.admin.customer(internalId).patch({ name: 'Renamed' })).name, 'Renamed');
    const put = await world.admin.customer(created.id).put({ name: 'Put', internalId });
    assert.equal('fields' in put, false);
    assert.deepEqual(idsOf(await world.admin.customers.find({ search: 'put', limit: 1 })), [created.id]);
    await world.refused(world.admin.customers.create({ internalId, name: 'Again' }), 'already_exists');
  },

  async 'internal ids may be addresses and names'(world) {
    for (const name of ['a+b@example.com', 'Müller & Söhne GmbH', '100% real', "o'neil"]) {
      const internalId = `${name} ${world.fresh('x')}`;
      const { id } = await world.customer(internalId).self.get();

      assert.equal((await world.admin.customer({ id: internalId }).get()).id, id);
      assert.equal((await world.admin.customer(encodeURIComponent(internalId)).get()).id, id);
    }
  },

  async 'customers are found by what they are'(world) {
    const prefix = world.fresh('kinds');
    const tested = await world.admin.customers.create({
      internalId: `${prefix}-test`,
      name: `${prefix}-test`,
      isTest: true,
    });
    const { id: active } = await world.customer(`${prefix}-active`).self.get();
    const find = async (query) => idsOf(await world.admin.customers.find({ search: prefix, ...query }));

    assert.deepEqual(await find({ isTest: true }), [tested.id]);
    assert.deepEqual(await find({ isTest: false }), [active]);
    assert.deepEqual(await find({ isActive: true }), [active]);
    assert.deepEqual(await find({ isActive: false }), [tested.id]);
  },

  async 'findAll lists every customer'(world) {
    const prefix = world.fresh('many');
    for (const number of [1, 2, 3])
      await world.admin.customers.create({ internalId: `${prefix}-${number}`, name: `${prefix} ${number}` });

    const found = await world.admin.customers.findAll({ search: prefix });

    assert.deepEqual(
      found.map((customer) => customer.internalId),
      [`${prefix}-3`, `${prefix}-2`, `${prefix}-1`],
    );
  },

  async 'an archived customer is refused until it is restored'(world) {
    const { customer, customerId, instance } = await world.connected();
    await instance.createLink({ appRecordId: 'a', externalRecordId: 'e' });

    await world.admin.customer(customerId).archive();
    await world.refused(customer.self.get(), 'access_denied');
    assert.ok((await world.admin.customer(customerId).get()).archivedAt);
    await world.admin.customer(customerId).restore();

    assert.equal((await instance.findLinks()).items.length, 2);
  },

  async 'customers cannot manage customers'(world) {
    const customer = world.customer(world.fresh('customer'));
    const { id } = await customer.self.get();

    await world.refused(customer.customers.find(), 'access_denied');
    await world.refused(customer.customers.create({ name: 'x' }), 'access_denied');
    await world.refused(customer.customer(id).get(), 'access_denied');
    await world.refused(customer.customer(id).archive(), 'access_denied');
  },

  async 'integrations are created, found and changed by admins'(world) {
    const key = world.fresh('app');
    const created = await world.admin.integrations.create({
      key,
      name: 'HubSpot',
      logoUri: 'data:image/svg+xml,<svg/>',
      parameters: { scope: ['contacts'], secret: null },
      baseUri: 'https://api.example.com',
    });

    assert.deepEqual(await world.admin.integration(key).get(), created);
    assert.equal((await world.admin.integration({ key }).get()).id, created.id);
    assert.equal((await world.admin.integration(created.id).patch({ name: 'Patched' })).baseUri, created.baseUri);
    assert.equal('baseUri' in (await world.admin.integration(key).put({ name: 'Put' })), false);
    assert.deepEqual(idsOf(await world.admin.integrations.find({ search: key })), [created.id]);
    assert.deepEqual(
      (await world.admin.integrations.findAll({ search: key })).map((each) => each.id),
      [created.id],
    );
    await world.admin.integration(key).archive();
    assert.deepEqual(await world.admin.integrations.find({ search: key }), { items: [] });
    assert.equal((await world.admin.integration(key).restore()).id, created.id);
  },

  async 'an integration without a logo still answers one'(world) {
    const { logoUri } = await world.integration();

    assert.equal(typeof logoUri, 'string');
  },

  async 'a customer sees its own connection in an integration and no parameters'(world) {
    const { customer, integration, connection } = await world.connected();
    await world.admin.integration(integration.id).patch({ parameters: { clientSecret: 's' } });
    const stranger = world.customer(world.fresh('customer'));

    const own = await customer.integration(integration.key).get();
    const others = await stranger.integration(integration.key).get();

    assert.equal(own.connection.id, connection.id);
    assert.equal('parameters' in own, false);
    assert.equal('connection' in others, false);
    const listed = (await customer.integrations.findAll()).find((each) => each.id === integration.id);
    assert.equal(listed.connection.id, connection.id);
  },

  async 'customers cannot write integrations'(world) {
    const integration = await world.integration();
    const customer = world.customer(world.fresh('customer'));

    await world.refused(customer.integrations.create({ key: world.fresh('app') }), 'access_denied');
    await world.refused(customer.integration(integration.key).put({ name: 'x' }), 'access_denied');
    await world.refused(customer.integration(integration.key).patch({ name: 'x' }), 'access_denied');
    await world.refused(customer.integration(integration.key).archive(), 'access_denied');
  },

  async 'setup and connector spec of an integration answer'(world) {
    const integration = await world.integration();

    assert.equal((await world.admin.integration(integration.key).setup()).id, integration.id);
    assert.equal(typeof (await world.admin.get(`/integrations/${integration.key}/connector-spec`)), 'object');
  },

  async 'a connection is created for the customer of the token'(world) {
    const { customer, integration, connection } = await world.connected();
    const self = await customer.self.get();

    assert.deepEqual([connection.userId, connection.tenantId], [self.id, self.id]);
    assert.deepEqual([connection.integrationId, connection.name], [integration.id, 'CRM']);
    assert.equal(connection.disconnected, false);
    assert.equal(connection.state, 'READY');
  },

  async 'a connection names its integration by id, key or uuid'(world) {
    const integration = await world.integration();
    const customer = world.customer(world.fresh('customer'));
    const ways = [
      { integrationId: integration.id },
      { integrationKey: integration.key },
      { integrationUuid: integration.uuid },
    ];

    for (const way of ways) assert.equal((await customer.connections.create(way)).integrationId, integration.id);
    await world.refused(customer.connections.create({ name: 'nowhere' }), undefined);
    await world.refused(customer.connections.create({ integrationKey: 'no-such' }), 'not_found');
  },

  async 'a connection is found by its id and by its integration'(world) {
    const { customer, integration, connection } = await world.connected();

    for (const selector of [connection.id, integration.key, integration.id]) {
      const found = await customer.connection(selector).get();
      assert.equal(found.id, connection.id);
      assert.equal(found.integration.key, integration.key);
    }
    await world.refused(customer.connection('no-such').get(), 'not_found');
  },

  async 'a connection is changed, archived and restored by its customer'(world) {
    const { customer, connection } = await world.connected();
    const accessor = customer.connection(connection.id);

    assert.equal((await accessor.patch({ name: 'Patched', meta: { a: 1 } })).name, 'Patched');
    assert.equal('meta' in (await accessor.put({ name: 'Put' })), false);
    await accessor.archive();
    assert.deepEqual(await customer.connections.find(), { items: [] });
    assert.ok((await accessor.get()).archivedAt);
    await customer.post(`/connections/${connection.id}/restore`);
    assert.deepEqual(idsOf(await customer.connections.find()), [connection.id]);
  },

  async 'connections are found by their filters'(world) {
    const { customer, integration, connection } = await world.connected();
    const other = await customer.connections.create({ integrationId: (await world.integration()).id });
    const find = async (query) => idsOf(await customer.connections.find(query));

    assert.deepEqual(await find(), [other.id, connection.id]);
    assert.deepEqual(await find({ integrationId: integration.id }), [connection.id]);
    assert.deepEqual(await find({ integrationKey: integration.key }), [connection.id]);
    assert.deepEqual(await find({ id: connection.id }), [connection.id]);
    assert.deepEqual(await find({ disconnected: true }), []);
    assert.deepEqual(await find({ disconnected: false, limit: 1 }), [other.id]);
  },

  async 'credentials of a connection are shown only to an admin who asks'(world) {
    const { customer, integration } = await world.connected();
    const credentials = { token: 't', expires: null };

    const connection = await customer.connections.create({ integrationId: integration.id, credentials });

    assert.equal('credentials' in connection, false);
    assert.equal('credentials' in (await world.admin.connection(connection.id).get()), false);
    assert.deepEqual(
      (await world.admin.connection(connection.id).get({ includeSecrets: true })).credentials,
      credentials,
    );
    await world.refused(customer.connection(connection.id).get({ includeSecrets: true }), 'access_denied');
  },

  async 'ensuring a connection makes one and finds it again'(world) {
    const host = `${world.fresh('app')}.example.com`;
    await world.integration({ baseUri: `https://${host}` });
    const customer = world.customer(world.fresh('customer'));
    const body = { appUrl: `https://${host}/login`, name: 'Ensured' };

    const answers = await Promise.all(Array.from({ length: 10 }, () => customer.post('/connections/ensure', body)));

    assert.equal(new Set(idsOf({ items: answers })).size, 1);
  },

  async 'an admin creates a connection for a customer'(world) {
    const integration = await world.integration();
    const internalId = world.fresh('customer');
    const { id } = await world.customer(internalId).self.get();

    for (const owner of [{ userId: internalId }, { userId: id }, { tenantId: id }]) {
      assert.equal((await world.admin.connections.create({ integrationId: integration.id, ...owner })).userId, id);
    }
    await world.refused(world.admin.connections.create({ integrationId: integration.id }), undefined);
  },
};
