// Requests to an app through a connection: the app answers with what it was asked.
import assert from 'node:assert/strict';

async function connected(world, auth = { type: 'bearer' }, credentials = { token: 't0ken' }) {
  const integration = await world.integration({ baseUri: `${world.appUrl}/v1`, auth });
  const customer = world.customer(world.fresh('customer'));
  const connection = await customer.connections.create({ integrationId: integration.id, credentials });
  return { integration, customer, connection };
}

function oauth(world) {
  return { type: 'oauth2', tokenUri: `${world.appUrl}/token`, clientId: 'c', clientSecret: 's' };
}

export const cases = {
  async 'every method of the proxy reaches the app with the credentials'(world) {
    const { integration, customer, connection } = await connected(world);
    const data = { name: 'Åsa', list: [1, null] };

    for (const method of ['get', 'post', 'put', 'patch', 'delete']) {
      const hasBody = !['get', 'delete'].includes(method);
      for (const selector of [connection.id, integration.key, integration.id]) {
        const asked = await customer.connection(selector).proxy[method]('/contacts/1?x=1&y=a%20b', hasBody ? data : undefined);

        assert.deepEqual([asked.method, asked.target], [method.toUpperCase(), '/v1/contacts/1?x=1&y=a%20b']);
        assert.equal(asked.headers.authorization, 'Bearer t0ken');
        if (hasBody) assert.deepEqual(JSON.parse(asked.body), data);
        for (const ours of ['membrane-api-version', 'x-request-id']) assert.equal(asked.headers[ours], undefined);
      }
    }
  },

  async 'a path may have no slash in front, and a whole address may be given'(world) {
    const { customer, connection } = await connected(world);
    const { proxy } = customer.connection(connection.id);

    assert.equal((await proxy.get('contacts')).target, '/v1/contacts');
    assert.equal((await proxy.get('')).target, '/v1');
    assert.equal((await proxy.get(`${world.appUrl}/v2/contacts?a=b`)).target, '/v2/contacts?a=b');
    await world.refused(proxy.get('https://elsewhere.example/x'), undefined, /another place/);
  },

  async 'connection.request posts to the app'(world) {
    const { customer, connection } = await connected(world);

    const asked = await customer.connection(connection.id).request('/find', { a: 1 });

    assert.deepEqual([asked.method, asked.target, asked.body], ['POST', '/v1/find', '{"a":1}']);
    assert.equal((await customer.connection(connection.id).request('find')).target, '/v1/find');
  },

  async 'what the app refuses is an error with its status and body'(world) {
    const { connection } = await connected(world);
    // Not a client of the world's, which wants every error to be one of the server's own.
    const client = new world.Client({ apiUri: world.workspace.url, token: world.token({ isAdmin: true }) });

    for (const status of [400, 401, 404, 422, 500]) {
      await assert.rejects(client.connection(connection.id).proxy.get(`x?status=${status}`), (error) => {
        assert.equal(error.response.status, status);
        assert.equal(error.response.data.target, `/v1/x?status=${status}`);
        return true;
      });
    }
  },

  async 'another customer has no part in it'(world) {
    const { connection } = await connected(world);
    const stranger = world.customer(world.fresh('customer'));

    await world.refused(stranger.connection(connection.id).proxy.get('x'), 'not_found');
    await world.refused(stranger.connection(connection.id).refreshCredentials(), 'not_found');
  },

  async 'an access token that is refused is renewed on the way'(world) {
    const credentials = { access_token: 'stale', refresh_token: 'r1' };
    const { customer, connection } = await connected(world, oauth(world), credentials);

    const asked = await customer.connection(connection.id).proxy.post('x', { a: 1 });

    assert.equal(asked.headers.authorization, 'Bearer access-for-r1');
    assert.equal(asked.body, '{"a":1}');
  },

  async 'credentials are renewed on demand'(world) {
    const credentials = { access_token: 'good', refresh_token: 'r1' };
    const { customer, connection } = await connected(world, oauth(world), credentials);

    await customer.connection(connection.id).refreshCredentials();

    const kept = await world.admin.connection(connection.id).get({ includeSecrets: true });
    assert.deepEqual(
      [kept.credentials.access_token, kept.credentials.refresh_token],
      ['access-for-r1', 'r1+'],
    );
  },

  async 'a connection that is disconnected says so'(world) {
    const { customer, connection } = await connected(world);
    await customer.connection(connection.id).patch({ disconnected: true });

    await assert.rejects(customer.connection(connection.id).proxy.get('x'), (error) => {
      assert.deepEqual([error.data.type, error.data.key], ['connection', 'disconnected']);
      return true;
    });
  },

  async 'the secrets of an integration are in no answer'(world) {
    const auth = { ...oauth(world), clientSecret: 'canary' };
    const { integration, customer } = await connected(world, auth, null);

    const seen = [integration, await world.admin.integration(integration.id).get(), await customer.integrations.findAll()];

    assert.equal(JSON.stringify(seen).includes('canary'), false);
    assert.equal(integration.auth.type, 'oauth2');
  },
};
