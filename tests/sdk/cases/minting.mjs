// Only the newer SDK mints tokens from the workspace's own key and secret.
import assert from 'node:assert/strict';

export const sdks = ['@membranehq/sdk'];

export const cases = {
  async 'a token minted for a tenant speaks for that customer'(world) {
    const { key: workspaceKey, secret: workspaceSecret } = world.workspace;
    const tenantKey = world.fresh('customer');
    const client = world.client({ workspaceKey, workspaceSecret, tenantKey });

    const self = await client.self.get();

    assert.equal(self.internalId, tenantKey);
    await world.refused(client.customers.find(), 'access_denied');
  },

  async "a minted token is refused when the secret is not the workspace's"(world) {
    const client = world.client({ workspaceKey: world.workspace.key, workspaceSecret: 'another', tenantKey: 'anyone' });

    await world.refused(client.self.get(), 'not_authenticated');
  },

  async 'a personal token is refused with the envelope of errors'(world) {
    await world.refused(world.client({ token: 'pat-0123456789abcdef' }).self.get(), 'not_authenticated');
  },

  async 'minting works together with credentials'(world) {
    const { key: workspaceKey, secret: workspaceSecret } = world.workspace;
    const tenantKey = world.fresh('customer');
    const client = world.client({ workspaceKey, workspaceSecret, tenantKey });

    await client.setCredentials({ apiKey: 'k-2' });

    const kept = await world.admin.get(`/customers/${tenantKey}`, { includeSecrets: true });
    assert.deepEqual(kept.credentials, { apiKey: 'k-2' });
  },
};
