// App events: types, subscriptions, what arrives at their webhooks, and the flow runs that it launches.
import assert from 'node:assert/strict';
import { idsOf } from '../world.mjs';

const WHO = { $var: '$.who' };

async function send(uri, event) {
  const body = JSON.stringify(event);
  const response = await fetch(uri, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  return { status: response.status, ...(await response.json()) };
}

/** A type of events, and a customer with a connection whose flow waits for them. */
async function waiting(world) {
  const place = await world.connected();
  const key = world.fresh('event');
  const type = await world.admin.appEventTypes.create({ key, name: 'Deal won', tenantIdFormula: WHO });
  const nodes = { start: { type: 'app-event-trigger', config: { appEvent: { key } }, links: [] } };
  const flowKey = world.fresh('flow');
  await world.admin.flows.create({ key: flowKey, name: 'On deal won', nodes });
  const instance = await place.customer.get('/flow-instance', {
    flowKey,
    connectionId: place.connection.id,
    autoCreate: true,
  });
  return { ...place, type, instance };
}

export const cases = {
  async 'a type is created, changed, archived and restored'(world) {
    const key = world.fresh('event');
    const subscribeRequest = { method: 'POST', uri: 'subscribe' };
    const schema = { type: 'object', properties: { who: { type: 'string' } } };

    const made = await world.admin.appEventTypes.create({ key, name: 'Deal won', subscribeRequest, schema });
    const accessor = world.admin.appEventType(key);
    const put = await accessor.put({ key, name: 'Won', userIdFormula: WHO, example: { who: 'acme' } });
    const patched = await accessor.patch({ name: 'Again' });
    await accessor.archive();
    const archived = await world.admin.appEventType(made.id).get();
    const restored = await world.admin.appEventType(made.id).restore();

    assert.deepEqual(made.subscribeRequest, subscribeRequest);
    assert.deepEqual(made.schema, schema);
    assert.deepEqual([put.name, put.userIdFormula, 'schema' in put], ['Won', WHO, false]);
    assert.deepEqual([patched.name, patched.example], ['Again', { who: 'acme' }]);
    assert.ok(archived.archivedAt);
    assert.equal(restored.globalWebhookUri, made.globalWebhookUri);
    assert.deepEqual(idsOf(await world.admin.appEventTypes.find({ search: key })), [made.id]);
  },

  async 'customers read types but not their webhooks'(world) {
    const { key } = await world.admin.appEventTypes.create({ key: world.fresh('event'), name: 'Deal won' });
    const customer = world.customer(world.fresh('customer'));

    const seen = await customer.appEventType(key).get();

    assert.deepEqual([seen.key, seen.globalWebhookUri], [key, '']);
    await world.refused(customer.appEventType(key).patch({ name: 'x' }), 'access_denied');
  },

  async 'an event launches the flows of its customer'(world) {
    const { customer, customerId, type, instance } = await waiting(world);

    const receipt = await send(type.globalWebhookUri, [{ who: customerId, n: 1 }, { who: 'nobody-at-all' }]);
    const events = (await customer.get('/app-events', { appEventTypeId: type.id })).items;
    const runs = (await customer.flowRuns.find({ flowInstanceId: instance.id })).items;

    assert.deepEqual([receipt.status, receipt.accepted, receipt.rejected[0].index], [200, 1, 1]);
    assert.deepEqual(idsOf({ items: events }), receipt.ids);
    assert.deepEqual(events[0].event, { who: customerId, n: 1 });
    assert.deepEqual(events[0].launchedFlowRunIds, idsOf({ items: runs }));
    assert.deepEqual(runs[0].launchedBy, { type: 'app-event-trigger', ids: receipt.ids });
    assert.deepEqual(runs[0].input, [{ who: customerId, n: 1 }]);
  },

  async 'a flow instance depends on the subscription of its trigger'(world) {
    const { customer, type, instance } = await waiting(world);

    const found = await customer.appEventSubscriptions.find({ appEventTypeId: type.id });
    const again = await customer.flowInstance(instance.id).setup();

    assert.deepEqual(idsOf(found), [instance.dependencies[0].id]);
    assert.equal(found.items[0].isSubscribed, true);
    assert.deepEqual([instance.state, instance.dependencies[0].type], ['READY', 'app-event-subscription']);
    assert.deepEqual(again.dependencies, instance.dependencies);
  },

  async 'a flow instance says that the product cannot be asked for its events'(world) {
    const { customer, type, instance } = await waiting(world);
    // Where the server is, no product is told that does not know it itself.
    await world.admin.appEventType(type.id).patch({ subscribeRequest: { uri: 'subscribe' } });

    const failed = await customer.flowInstance(instance.id).setup();

    assert.equal(failed.state, 'SETUP_FAILED');
    assert.equal(failed.nodes.start.state, 'SETUP_FAILED');
    assert.match(failed.nodes.start.errors[0].message, /DATALINKS_PUBLIC_URL/);
    assert.deepEqual(failed.errors[0].data.nodeKey, 'start');
  },

  async 'a subscription has a webhook of its own'(world) {
    const { customer, type, instance } = await waiting(world);
    const accessor = customer.appEventSubscription({ appEventTypeKey: type.key, autoCreate: true });

    const made = await accessor.get();
    await accessor.subscribe();
    const receipt = await send(made.webhookUri, { n: 1 });
    const found = await customer.appEventSubscriptions.find({ appEventTypeId: type.id, isSubscribed: true });
    const runs = (await customer.flowRuns.find({ flowInstanceId: instance.id })).items;

    assert.equal(receipt.accepted, 1);
    assert.deepEqual(idsOf(found), [made.id]);
    assert.equal(runs.length, 1);
  },

  async 'a subscription is created, archived and restored'(world) {
    const { customer, type } = await waiting(world);
    const selector = { appEventTypeId: type.id, instanceKey: 'k' };
    await world.refused(customer.appEventSubscription(selector).get(), 'not_found');

    const made = await customer.appEventSubscription(selector).create({});
    const byId = customer.appEventSubscription(made.id);
    await byId.patch({});
    await byId.put({});
    await byId.archive();
    const refused = await send(made.webhookUri, {});
    const restored = await byId.restore();

    assert.equal(made.instanceKey, 'k');
    assert.equal(refused.status, 404);
    assert.equal(restored.webhookUri, made.webhookUri);
  },
};
