// Flows: universal ones, those of integrations, and their instances for connections.
import assert from 'node:assert/strict';
import { idsOf } from '../world.mjs';

const NODES = {
  trigger: { type: 'api-trigger', links: [{ key: 'keep' }] },
  keep: {
    type: 'transform-data',
    name: 'Keep',
    config: { output: { z: null, a: { $var: '$.input.x' } } },
    onError: 'continue',
    ui: { x: 1 },
  },
};

/** An integration, a universal flow that is applied to it, and a customer with a connection. */
async function prepared(world) {
  const { customer, customerId, integration, connection } = await world.connected();
  const key = world.fresh('flow');
  const flow = await world.admin.flows.create({ key, name: 'Sync', nodes: NODES });
  await world.admin.integration(integration.key).flows.create({ key, name: 'Sync', universalFlowId: flow.id });
  return { customer, customerId, integration, connection, flow, key };
}

function withoutTold(nodes) {
  const entries = Object.entries(nodes).map(([key, { state, errors, isCustomized, ...node }]) => [key, node]);
  return Object.fromEntries(entries);
}

export const cases = {
  async 'a flow is created, got, replaced, changed, archived and restored'(world) {
    const key = world.fresh('flow');
    const made = await world.admin.flows.create({ key, name: 'Sync', nodes: NODES, autoCreateInstances: true });
    assert.deepEqual(made.nodes, NODES);
    assert.deepEqual(Object.keys(made.nodes), Object.keys(NODES));
    assert.equal(made.autoCreateInstances, true);
    assert.equal(made.state, 'READY');

    for (const selector of [key, made.id, { key }, { id: made.id }]) {
      const accessor = world.admin.flow(selector);
      assert.equal((await accessor.get()).id, made.id);
      assert.equal((await accessor.patch({ name: 'Patched' })).name, 'Patched');
      const put = await accessor.put({ key, name: 'Put', nodes: NODES });
      assert.equal(put.name, 'Put');
      assert.equal(put.autoCreateInstances, false);
      assert.equal((await accessor.reset()).id, made.id);
      await accessor.archive();
      await world.refused(accessor.patch({ name: 'No' }), undefined, /archived/);
      assert.equal('archivedAt' in (await accessor.restore()), false);
    }
  },

  async 'find and findAll list flows, universal ones where nothing else is said'(world) {
    const { integration, flow, key } = await prepared(world);
    const own = await world.admin.integration(integration.key).flow(key).get();

    const all = async (query) => (await world.admin.flows.findAll(query)).map((each) => each.id);
    const found = async (query) => idsOf(await world.admin.flows.find(query));

    const [universal, ofIntegrations] = [await all(), await all({ layer: 'integration' })];
    assert.ok(universal.includes(flow.id) && !universal.includes(own.id));
    assert.ok(ofIntegrations.includes(own.id) && !ofIntegrations.includes(flow.id));
    assert.deepEqual(await found({ integrationId: integration.id }), [own.id]);
    assert.deepEqual(await found({ universalFlowId: flow.id }), [own.id]);
    assert.deepEqual(await found({ search: key, integrationId: 'null' }), [flow.id]);
    assert.deepEqual(await found({ search: key, layer: 'universal' }), [flow.id]);
    assert.equal((await found({ limit: 1 })).length, 1);
  },

  async 'a flow that cannot run says why'(world) {
    const key = world.fresh('flow');

    const made = await world.admin.flows.create({ key, name: 'Wrong', nodes: { a: { type: 'no-such-type' } } });

    assert.equal(made.state, 'CONFIGURATION_ERROR');
    assert.equal(made.errors[0].type, 'configuration');
    assert.equal(made.errors[0].data.nodeKey, 'a');
  },

  async 'nodes that are none are refused with their place'(world) {
    const error = await world.refused(
      world.admin.post('/flows', { key: world.fresh('flow'), nodes: { a: { links: 5 } } }),
      undefined,
    );

    assert.match(error.data.data.path, /^\$\.nodes/);
  },

  async "an integration's flow follows the universal one until it is customised and after a reset"(world) {
    const { integration, flow, key } = await prepared(world);
    const accessor = world.admin.integration(integration.key).flow(key);
    const keep = { ...NODES.keep, name: 'Ours' };

    const own = await accessor.patch({ nodes: { ...NODES, keep } });
    assert.equal(own.isCustomized, true);
    assert.equal(own.universalFlowId, flow.id);
    await world.admin.flow(key).patch({ name: 'Renamed', nodes: { ...NODES, more: { type: 'transform-data' } } });
    const followed = await accessor.get();
    assert.equal(followed.name, 'Renamed');
    assert.equal(followed.nodes.keep.name, 'Ours');
    assert.ok(followed.nodes.more);
    const reset = await accessor.reset();

    assert.equal(reset.isCustomized, false);
    assert.equal(reset.nodes.keep.name, 'Keep');
    const put = await accessor.put({ key, name: 'Put' });
    assert.deepEqual(put.nodes, reset.nodes);
    assert.deepEqual(idsOf(await world.admin.integration(integration.key).flows.list({ limit: 5 })), [own.id]);
    await accessor.archive();
    assert.deepEqual(await world.admin.integration(integration.key).flows.list(), { items: [] });
  },

  async 'apply gives integrations flows of their own'(world) {
    const [first, second] = [await world.integration(), await world.integration()];
    const key = world.fresh('flow');
    await world.admin.flows.create({ key, name: 'Sync', nodes: NODES });
    // Only one of the SDKs has a method for it.
    const apply = (selector, integrationKeys) => {
      const accessor = world.admin.flow(selector);
      if (accessor.apply) return accessor.apply(integrationKeys);
      const path = typeof selector === 'string' ? `/flows/${selector}/apply` : `/flow/apply?key=${selector.key}`;
      return world.admin.post(path, { integrationKeys });
    };

    await apply(key, [first.key]);
    const applied = await apply({ key }, [first.key, second.key]);

    const ids = applied.appliedToIntegrations.map((each) => each.integration.id);
    assert.deepEqual(ids, [first.id, second.id]);
  },

  async 'an instance is made once, found in every way, and lists'(world) {
    const { customer, customerId, integration, connection, flow, key } = await prepared(world);
    const selector = { flowKey: key, connectionId: connection.id };
    await world.refused(customer.flowInstance(selector).get(), 'not_found');

    const made = await customer.flowInstance(selector).create({ parameters: { a: null }, enabled: false });

    assert.deepEqual(made.parameters, { a: null });
    assert.equal(made.enabled, false);
    assert.equal(made.flow.key, key);
    assert.equal(made.universalFlowId, flow.id);
    assert.deepEqual(withoutTold(made.nodes), NODES);
    for (const other of [
      made.id,
      { id: made.id },
      { ...selector, autoCreate: true },
      { flowId: flow.id, integrationKey: integration.key },
      { flowId: made.flowId, integrationId: integration.id },
      { parentKey: key, integrationKey: integration.key, userId: customerId },
    ]) {
      assert.equal((await customer.flowInstance(other).get()).id, made.id);
    }
    assert.equal((await customer.connection(connection.id).flow(key).get()).id, made.id);
    assert.equal((await customer.connection(integration.key).flow(flow.id).get()).id, made.id);
    const found = async (query) => idsOf(await customer.flowInstances.find(query));
    assert.deepEqual(await found(), [made.id]);
    assert.deepEqual(await found({ flowKey: key, enabled: false }), [made.id]);
    assert.deepEqual(await found({ flowId: flow.id, connectionId: connection.id }), [made.id]);
    assert.deepEqual(await found({ enabled: true }), []);
    assert.deepEqual(idsOf(await customer.connection(connection.id).flows.list({ flowKey: key })), [made.id]);
  },

  async 'the list accessor creates an instance'(world) {
    const { customer, connection, flow } = await prepared(world);

    const made = await customer.flowInstances.create({ flowId: flow.id, connectionId: connection.id, instanceKey: 'k' });

    assert.equal(made.instanceKey, 'k');
    assert.equal(made.connectionId, connection.id);
  },

  async 'thirty callers with autoCreate at once get one instance'(world) {
    const { customer, connection, key } = await prepared(world);
    const selector = { flowKey: key, connectionId: connection.id, autoCreate: true };

    const ids = await Promise.all(Array.from({ length: 30 }, () => customer.flowInstance(selector).getId()));

    assert.equal(new Set(ids).size, 1);
    assert.deepEqual(idsOf(await customer.flowInstances.find()), [ids[0]]);
  },

  async 'an instance is disabled, enabled, put, archived and restored'(world) {
    const { customer, connection, key } = await prepared(world);
    const accessor = customer.flowInstance({ flowKey: key, connectionId: connection.id });
    const made = await accessor.create();

    assert.equal((await accessor.disable()).enabled, false);
    assert.equal((await accessor.enable()).enabled, true);
    const put = await accessor.put({ ...(await accessor.get()), name: 'Mine' });
    assert.deepEqual(put.customized, { name: true });
    assert.deepEqual(withoutTold(put.nodes), NODES);
    for (const method of ['archive', 'delete']) {
      await accessor[method]();
      assert.deepEqual(await customer.flowInstances.find(), { items: [] });
      assert.equal((await accessor.restore()).id, made.id);
    }
  },

  async 'own nodes stay until they are updated to the latest flow or reset'(world) {
    const { customer, connection, integration, key } = await prepared(world);
    const accessor = customer.flowInstance({ flowKey: key, connectionId: connection.id, autoCreate: true });
    await accessor.patch({ name: 'Mine', nodes: { keep: { userConfig: { x: 1 } } } });

    await world.admin.flow(key).patch({ nodes: { ...NODES, more: { type: 'transform-data', config: { output: 1 } } } });
    const outdated = await accessor.get();
    assert.equal(outdated.outdated, true);
    assert.equal('more' in outdated.nodes, false);
    const latest = await accessor.updateToLatestFlow();
    assert.equal(latest.outdated, false);
    assert.deepEqual(latest.nodes.keep.userConfig, { x: 1 });
    assert.ok(latest.nodes.more);
    const some = await accessor.reset({ nodes: { keep: true } });
    assert.equal('userConfig' in some.nodes.keep, false);
    assert.equal(some.name, 'Mine');
    const all = await accessor.reset();
    assert.equal(all.name, 'Sync');
    assert.equal((await customer.connection(integration.key).flow(key).reset()).isCustomized, false);
  },

  async 'setup makes what the nodes need'(world) {
    const { customer, connection } = await world.connected();
    const table = world.fresh('table');
    const key = world.fresh('flow');
    const config = { dataLinkTable: { key: table }, direction: 'both', externalRecordId: '1', appRecordId: '2' };
    await world.admin.flows.create({ key, name: 'Link', nodes: { link: { type: 'create-data-link', config } } });
    const accessor = customer.flowInstance({ flowKey: key, connectionId: connection.id, instanceKey: 'k' });

    const failed = await accessor.create();
    assert.equal(failed.state, 'SETUP_FAILED');
    assert.equal(failed.errors[0].type, 'flow_instance_setup');
    await world.table({ key: table });
    const ready = await accessor.setup();

    assert.equal(ready.state, 'READY');
    const instance = await customer
      .dataLinkTableInstance({ dataLinkTableKey: table, connectionId: connection.id, instanceKey: 'k' })
      .get();
    assert.deepEqual(
      ready.dependencies.map((each) => each.id),
      [instance.id],
    );
    assert.equal((await customer.connection(connection.id).flow(key, { instanceKey: 'k' }).setup()).id, ready.id);
  },

  async "a connection's flow is created, enabled, disabled, changed and archived"(world) {
    const { customer, connection, key } = await prepared(world);
    const accessor = customer.connection(connection.id).flow(key);
    await world.refused(accessor.get(), 'not_found');

    const made = await accessor.create();

    assert.equal((await accessor.get()).id, made.id);
    assert.equal((await accessor.get({ autoCreate: true })).id, made.id);
    assert.equal((await accessor.disable()).enabled, false);
    assert.equal((await accessor.enable()).enabled, true);
    assert.equal((await accessor.patch({ name: 'Mine' })).name, 'Mine');
    assert.equal((await accessor.create()).name, 'Mine');
    assert.equal((await accessor.put({ name: 'Put' })).name, 'Put');
    await accessor.archive();
    assert.deepEqual(await customer.connection(connection.id).flows.list(), { items: [] });
  },

  async 'autoCreateInstances makes instances for old connections and new ones'(world) {
    const { integration, connection, key } = await prepared(world);
    await world.admin.flow(key).patch({ autoCreateInstances: true });
    const other = world.customer(world.fresh('customer'));

    const second = await other.connections.create({ integrationId: integration.id });

    const found = await world.admin.flowInstances.find({ flowKey: key });
    assert.deepEqual(
      found.items.map((each) => each.connectionId),
      [second.id, connection.id],
    );
  },

  async "customers read flows, and neither write them nor see others' instances"(world) {
    const { customer, connection, key } = await prepared(world);
    const id = await customer.flowInstance({ flowKey: key, connectionId: connection.id, autoCreate: true }).getId();
    const stranger = world.customer(world.fresh('customer'));

    assert.equal((await stranger.flow(key).get()).key, key);
    await world.refused(stranger.flow(key).patch({ name: 'No' }), 'access_denied');
    await world.refused(stranger.flows.create({ key: world.fresh('flow'), name: 'No' }), 'access_denied');
    for (const selector of [id, { flowKey: key, connectionId: connection.id, autoCreate: true }]) {
      await world.refused(stranger.flowInstance(selector).get(), 'not_found');
      await world.refused(stranger.flowInstance(selector).enable(), 'not_found');
      await world.refused(stranger.flowInstance(selector).archive(), 'not_found');
    }
    assert.deepEqual(await stranger.flowInstances.find(), { items: [] });
    assert.equal((await world.admin.flowInstance(id).get()).id, id);
  },
};
