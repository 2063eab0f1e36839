// Who a token speaks for: `self`, and customers that come into being by their tokens.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

async function credentialsOf(world, customerId) {
  const { credentials } = await world.admin.get(`/customers/${customerId}`, { includeSecrets: true });
  return credentials;
}

/** What is sent in the background can only be waited for. */
async function eventually(read, expected) {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const found = await read().catch(() => undefined);
    if (JSON.stringify(found) === JSON.stringify(expected)) return;
    await pause(20);
  }
  assert.deepEqual(await read(), expected);
}

export const cases = {
  async 'get answers the customer of the token'(world) {
    const id = world.fresh('customer');
    const customer = world.customer(id, { name: 'Zoë Ünal', fields: { plan: 'pro', seats: 3 } });

    const self = await customer.self.get();

    assert.equal(self.internalId, id);
    assert.equal(self.name, 'Zoë Ünal');
    assert.deepEqual(self.fields, { plan: 'pro', seats: 3 });
    assert.equal(self.workspaceKey, world.workspace.key);
    assert.match(self.id, /^[0-9a-f]{24}$/);
  },

  async 'get answers the workspace to an admin without a customer'(world) {
    const self = await world.admin.self.get();

    assert.equal(self.workspaceKey, world.workspace.key);
    assert.equal(self.isAdmin, true);
  },

  async 'a customer comes into being with its first token and follows later ones'(world) {
    const id = world.fresh('customer');
    const first = await world.customer(id, { fields: { plan: 'free' } }).self.get();

    const later = await world.customer(id, { name: 'Renamed', fields: { plan: 'pro' } }).self.get();

    assert.equal(first.name, id);
    assert.equal(later.id, first.id);
    assert.equal(later.name, 'Renamed');
    assert.deepEqual(later.fields, { plan: 'pro' });
  },

  async 'one customer comes into being from many first requests at once'(world) {
    const customer = world.customer(world.fresh('customer'));

    const answers = await Promise.all(Array.from({ length: 30 }, () => customer.self.get()));

    assert.equal(new Set(answers.map((self) => self.id)).size, 1);
  },

  async 'patch keeps credentials, which only an admin who asks for secrets sees'(world) {
    const id = world.fresh('customer');
    const customer = world.customer(id);

    const answer = await customer.self.patch({ credentials: { apiKey: 'k-1' } });

    assert.equal(answer.internalId, id);
    assert.equal('credentials' in answer, false);
    assert.equal('credentials' in (await customer.self.get()), false);
    assert.equal('credentials' in (await world.admin.customer(id).get()), false);
    assert.deepEqual(await credentialsOf(world, id), { apiKey: 'k-1' });
  },

  async 'setCredentials keeps credentials of any JSON'(world) {
    const id = world.fresh('customer');

    await world.customer(id).setCredentials('a plain token');

    assert.equal(await credentialsOf(world, id), 'a plain token');
  },

  async 'the credentials option of the constructor is sent in the background'(world) {
    const id = world.fresh('customer');

    world.client({ token: world.token({ id }), credentials: { from: 'constructor' } });

    await eventually(() => credentialsOf(world, id), { from: 'constructor' });
  },

  async 'the fetchCredentials option of the constructor is sent in the background'(world) {
    const id = world.fresh('customer');

    world.client({ token: world.token({ id }), fetchCredentials: async () => ({ from: 'function' }) });

    await eventually(() => credentialsOf(world, id), { from: 'function' });
  },

  async 'an admin token may act for a customer'(world) {
    const id = world.fresh('customer');

    const self = await world.customer(id, { isAdmin: true }).self.get();

    assert.equal(self.internalId, id);
    assert.equal(self.isAdmin, true);
  },
};
