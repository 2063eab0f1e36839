// Refusals: every one carries the envelope that the SDKs make their errors from.
import assert from 'node:assert/strict';

function envelope({ text }) {
  return JSON.parse(text);
}

export const cases = {
  async "each refusal is the SDK's bad request with its key"(world) {
    const { key } = await world.table();
    const customer = world.customer(world.fresh('customer'));
    const stranger = world.client({ token: world.token({ isAdmin: true, secret: 'wrong' }) });

    await world.refused(world.admin.dataLinkTables.find({ limit: 0 }), undefined);
    await world.refused(stranger.dataLinkTables.find(), 'not_authenticated');
    await world.refused(customer.dataLinkTables.create({ key: 'x' }), 'access_denied');
    await world.refused(world.admin.dataLinkTable('no-such').get(), 'not_found');
    await world.refused(world.admin.dataLinkTables.create({ key }), 'already_exists');
  },

  async "a refusal is not the SDK's class of the same name"(world) {
    const error = await world.refused(world.admin.dataLinkTable('no-such').get(), 'not_found');

    assert.equal(error instanceof world.sdk.NotFoundError, false);
    assert.equal(error.name, 'Error');
  },

  async 'a refused value is named by its path'(world) {
    const { instance } = await world.connected();

    const error = await world.refused(instance.createLink({ appRecordId: '', externalRecordId: 'e' }), undefined);

    assert.equal(error.data.data.path, '$.appRecordId');
  },

  async 'each refusal has its own status'(world) {
    const { key } = await world.table();
    const json = { 'content-type': 'application/json' };
    const taken = { headers: json, body: JSON.stringify({ key }) };
    const asCustomer = { token: world.token({ id: world.fresh('customer') }), headers: json, body: '{"key":"x"}' };

    const answers = [
      await world.raw('GET', '/data-link-tables?limit=0'),
      await world.raw('GET', '/data-link-tables', { token: 'not.a.token' }),
      await world.raw('GET', '/data-link-tables', { token: null }),
      await world.raw('POST', '/data-link-tables', asCustomer),
      await world.raw('GET', '/data-link-tables/no-such'),
      await world.raw('POST', '/data-link-tables', taken),
    ];

    assert.deepEqual(
      answers.map((answer) => answer.status),
      [400, 401, 401, 403, 404, 409],
    );
    for (const answer of answers) assert.equal(envelope(answer).type, 'bad_request');
  },

  async 'unknown paths and methods carry the envelope too'(world) {
    const calls = [
      () => world.admin.get('/no/such/path'),
      () => world.admin.post('/no/such/path', {}),
      () => world.admin.delete('/data-link-tables'),
      () => world.admin.put('/self', {}),
    ];

    for (const call of calls) {
      const error = await call().then(
        () => assert.fail('Expected a refusal.'),
        (thrown) => thrown,
      );
      assert.ok(error instanceof world.sdk.BadRequestError, error.message);
    }
    await world.refused(world.admin.get('/no/such/path'), 'not_found');
  },

  async 'a body that is not JSON carries the envelope'(world) {
    const headers = { 'content-type': 'application/json' };

    const answer = await world.raw('POST', '/data-link-tables', { headers, body: '{"key": ' });

    assert.equal(answer.status, 400);
    assert.equal(envelope(answer).type, 'bad_request');
  },

  async 'a post without a body may call itself a form'(world) {
    const table = await world.table();
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': '0' };

    const answer = await world.raw('POST', `/data-link-tables/${table.key}/restore`, { headers });

    assert.equal(answer.status, 200);
  },

  async 'browsers of any origin may call'(world) {
    const headers = {
      origin: 'https://app.example.com',
      'access-control-request-method': 'DELETE',
      'access-control-request-headers': 'authorization,content-type,membrane-api-version',
    };

    const preflight = await world.raw('OPTIONS', '/data-link-table-instance/links', { token: null, headers });
    const answer = await world.raw('GET', '/self', { headers: { origin: headers.origin } });
    const refusal = await world.raw('GET', '/self', { token: 'not.a.token', headers: { origin: headers.origin } });

    assert.ok(preflight.status < 300);
    assert.match(preflight.headers.get('access-control-allow-methods'), /DELETE/);
    for (const name of ['authorization', 'content-type', 'membrane-api-version']) {
      assert.ok(preflight.headers.get('access-control-allow-headers').toLowerCase().includes(name));
    }
    for (const each of [answer, refusal]) assert.equal(each.headers.get('access-control-allow-origin'), '*');
  },
};
