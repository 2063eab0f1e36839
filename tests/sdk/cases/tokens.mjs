// Tokens: what is accepted, what is refused, and how the SDKs renew them.
import assert from 'node:assert/strict';
import { secondsFromNow } from '../world.mjs';

/** Only admins may list customers. */
async function listCustomers(world, isAdmin) {
  return world.customer(world.fresh('customer'), { isAdmin }).customers.find({ limit: 1 });
}

export const cases = {
  async 'every HMAC algorithm is accepted'(world) {
    for (const alg of ['HS256', 'HS384', 'HS512']) {
      const id = world.fresh('customer');
      assert.equal((await world.customer(id, { alg }).self.get()).internalId, id);
    }
  },

  async 'the newer claim names are accepted'(world) {
    const tenantKey = world.fresh('customer');
    const token = world.token({ iss: null, workspaceKey: world.workspace.key, tenantKey });

    const self = await world.client({ token }).self.get();

    assert.equal(self.internalId, tenantKey);
  },

  async 'a token without an expiry is accepted'(world) {
    const id = world.fresh('customer');

    const self = await world.customer(id, { exp: null }).self.get();

    assert.equal(self.internalId, id);
  },

  async 'accessToken is another name of token'(world) {
    const id = world.fresh('customer');

    const self = await world.client({ accessToken: world.token({ id }) }).self.get();

    assert.equal(self.internalId, id);
  },

  async 'isAdmin may be any value that means yes'(world) {
    for (const claim of [true, 1, 'true', 'yes']) await listCustomers(world, claim);
  },

  async 'isAdmin is no admin when its value means no'(world) {
    for (const claim of [false, 0, '', '0', 'false', null])
      await world.refused(listCustomers(world, claim), 'access_denied');
  },

  async 'a number as customer id stands for its decimal text'(world) {
    const number = 70_000_000_000_001;

    assert.equal((await world.customer(number).self.get()).internalId, String(number));
  },

  async 'fetchToken is called when a token is first needed and again only before it expires'(world) {
    const id = world.fresh('customer');
    let calls = 0;
    const client = world.client({
      fetchToken: async () => {
        calls += 1;
        // The SDKs renew a token that has less than ten seconds left.
        return world.token({ id, exp: secondsFromNow(calls === 1 ? 5 : 3600) });
      },
    });
    assert.equal(calls, 0);

    const answers = [await client.self.get(), await client.self.get(), await client.self.get()];

    assert.equal(calls, 2);
    assert.deepEqual(
      answers.map((self) => self.internalId),
      [id, id, id],
    );
  },

  async 'an expired token is refused'(world) {
    const client = world.customer(world.fresh('customer'), { exp: secondsFromNow(-120) });

    await world.refused(client.self.get(), 'not_authenticated', /expired/i);
  },

  async 'a token that expires between two requests is refused from then on'(world) {
    const client = world.customer(world.fresh('customer'), { exp: secondsFromNow(1) });
    await client.self.get();

    for (;;) {
      const error = await client.self.get().then(
        () => null,
        (thrown) => thrown,
      );
      if (error) {
        assert.equal(error.data.key, 'not_authenticated');
        return;
      }
    }
  },

  async 'a token signed with another secret is refused'(world) {
    const client = world.client({ token: world.token({ isAdmin: true, secret: 'not the secret' }) });

    await world.refused(client.dataLinkTables.find(), 'not_authenticated');
  },

  async 'a token of an unknown workspace is refused'(world) {
    const client = world.client({ token: world.token({ isAdmin: true, iss: 'no-such-workspace' }) });

    await world.refused(client.dataLinkTables.find(), 'not_authenticated');
  },

  async 'a token that names nobody is refused'(world) {
    const client = world.client({ token: world.token() });

    await world.refused(client.dataLinkTables.find(), 'not_authenticated');
  },

  async 'an unsigned token is refused'(world) {
    const [, payload] = world.token({ isAdmin: true }).split('.');
    const header = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');

    await world.refused(world.client({ token: `${header}.${payload}.` }).self.get(), 'not_authenticated');
  },
};
