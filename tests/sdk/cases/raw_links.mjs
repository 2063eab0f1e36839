// The link routes that the SDKs have no methods for, called as their users do: with client.get, post and delete.
import assert from 'node:assert/strict';

const PAIR = { appRecordId: 'José Müller', externalRecordId: 'U-1/2' };

function query(values) {
  return new URLSearchParams(values).toString();
}

export const cases = {
  async 'links of a table and a connection'(world) {
    const { customer, table, connection } = await world.connected();
    const path = `/data-link-tables/${table.key}/links`;
    const place = `${path}?${query({ connectionId: connection.id })}`;

    assert.equal(await customer.post(place, { ...PAIR, direction: 'both' }), '');
    const found = await customer.get(path, {
      connectionId: connection.id,
      direction: 'import',
      externalRecordId: 'U-1/2',
    });
    assert.deepEqual(
      found.items.map((link) => link.appRecordId),
      ['José Müller'],
    );
    assert.equal(await customer.delete(place, PAIR), '');

    assert.deepEqual(await customer.get(path, { connectionId: connection.id }), { items: [] });
  },

  async 'links of a table and an integration'(world) {
    const { customer, table, integration, instance } = await world.connected();
    const place = `/data-link-tables/${table.id}/links?${query({ integrationKey: integration.key, autoCreate: true })}`;

    await customer.post(place, { ...PAIR, direction: 'export' });

    assert.equal((await instance.findLinks({ appRecordId: PAIR.appRecordId })).items.length, 1);
  },

  async 'links of an instance named as a table'(world) {
    const { customer, instance } = await world.connected();
    const id = await instance.getId();

    await customer.post(`/data-link-tables/${id}/links`, PAIR);

    assert.equal((await customer.get(`/data-link-tables/${id}/links`)).items.length, 2);
  },

  async 'links of an instance by the plural path'(world) {
    const { customer, instance } = await world.connected();
    const path = `/data-link-table-instances/${await instance.getId()}/links`;

    const made = await customer.post(path, { ...PAIR, direction: 'import' });
    const found = await customer.get(path);
    await customer.delete(path, PAIR);

    assert.deepEqual(
      found.items.map((link) => link.id),
      [made.id],
    );
    assert.deepEqual(await customer.get(path), { items: [] });
  },

  async 'links of an instance by its id in the query'(world) {
    const { customer, instance } = await world.connected();
    await instance.createLink(PAIR);
    const dataLinkTableInstanceId = await instance.getId();

    const all = await customer.get('/data-links', { dataLinkTableInstanceId });
    const exported = await customer.get('/data-links', {
      dataLinkTableInstanceId,
      direction: 'export',
      appRecordId: 'José Müller',
    });

    assert.equal(all.items.length, 2);
    assert.deepEqual(
      exported.items.map((link) => link.externalRecordId),
      ['U-1/2'],
    );
    await world.refused(customer.get('/data-links'), undefined, /dataLinkTableInstanceId/);
  },

  async 'a link is deleted by its id, once'(world) {
    const { customer, instance } = await world.connected();
    const { items } = await instance.createLink(PAIR);

    assert.equal(await customer.delete(`/data-links/${items[0].id}`), '');

    assert.deepEqual(
      (await instance.findLinks()).items.map((link) => link.id),
      [items[1].id],
    );
    await world.refused(customer.delete(`/data-links/${items[0].id}`), 'not_found');
    await world.refused(customer.delete('/data-links/no-such-link'), 'not_found');
  },

  async 'the statuses of link routes are those of the reference product'(world) {
    const { table, connection, instance } = await world.connected();
    const id = await instance.getId();
    const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(PAIR) };
    const modern = `/data-link-tables/${table.key}/links?connectionId=${connection.id}`;

    assert.equal((await world.raw('POST', `/data-link-table-instance/links?id=${id}`, json)).status, 201);
    assert.equal((await world.raw('POST', modern, json)).status, 204);
    assert.equal((await world.raw('GET', modern)).status, 200);
    assert.equal((await world.raw('DELETE', modern, json)).status, 200);
    assert.equal((await world.raw('DELETE', `/data-link-table-instance/links?id=${id}`, json)).status, 200);
  },
};
