// Runs of flows: launched, waited for, looked into, repeated and stopped through the SDKs' own methods.
import assert from 'node:assert/strict';

async function flow(world) {
  const { admin, customer, integration, connection, table } = await world.connected();
  const key = world.fresh('flow');
  const ids = { appRecordId: { $var: '$.input.trigger.app' }, externalRecordId: { $var: '$.input.trigger.ext' } };
  await (admin ?? world.admin).flows.create({
    key,
    name: key,
    nodes: {
      trigger: { type: 'api-trigger', links: [{ key: 'link' }] },
      link: { type: 'create-data-link', config: { dataLinkTable: { key: table.key }, ...ids }, links: [{ key: 'done' }] },
      done: { type: 'transform-data', config: { output: { linked: { $var: '$.input.link.appRecordId' } } } },
    },
  });
  const instance = customer.flowInstance({ flowKey: key, integrationKey: integration.key, autoCreate: true });
  return { customer, connection, integration, table, key, instance, admin };
}

async function ended(customer, id) {
  for (;;) {
    const run = await customer.flowRun(id).get();
    if (!['queued', 'running'].includes(run.state)) return run;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export const cases = {
  async 'run() resolves when the run is completed, and its links are there'(world) {
    const { customer, instance, table, integration } = await flow(world);

    const run = await instance.run({ input: { app: 'u-1', ext: 'e-1' } });

    assert.equal(run.state, 'completed');
    const links = customer.dataLinkTableInstance({ dataLinkTableKey: table.key, integrationKey: integration.key });
    assert.deepEqual(
      (await links.findLinks({ direction: 'import' })).items.map((each) => [each.appRecordId, each.externalRecordId]),
      [['u-1', 'e-1']],
    );
  },

  async 'run() rejects when the run fails, with its first error'(world) {
    const { instance } = await flow(world);

    await assert.rejects(instance.run({ input: { app: 'u-1' } }), /externalRecordId/);
  },

  async 'getOutput() gives what the last nodes gave'(world) {
    const { customer, instance } = await flow(world);

    const run = await ended(customer, (await instance.startRun({ input: { app: 'u-1', ext: 'e-1' } })).id);

    const { items } = await customer.flowRun(run.id).getOutput();
    assert.deepEqual(items.map((each) => [each.nodeKey, each.data]), [['done', { linked: 'u-1' }]]);
  },

  async 'node runs and outputs are read one by one and in lists'(world) {
    const { customer, instance } = await flow(world);
    const run = await ended(customer, (await instance.startRun({ input: { app: 'u-1', ext: 'e-1' } })).id);
    const accessor = customer.flowRun(run.id);

    const runs = await accessor.getNodeRuns('link', {});
    const [listed] = runs.items;
    const outputs = await accessor.getNodeOutputs('link', {});

    assert.equal(listed.status, 'completed');
    assert.deepEqual(await accessor.getNodeRun('link', listed.id), listed);
    assert.deepEqual(await accessor.getNodeOutput('link', listed.outputs[0].id), outputs.items[0]);
  },

  async 'a run is repeated with its own input'(world) {
    const { customer, instance } = await flow(world);
    const first = await ended(customer, (await instance.startRun({ input: { app: 'u-1', ext: 'e-1' } })).id);

    const again = await ended(customer, (await customer.flowRun(first.id).repeat()).id);

    assert.deepEqual([again.state, again.input], ['completed', first.input]);
  },

  async 'stopping a run that has ended changes nothing'(world) {
    const { customer, instance } = await flow(world);
    const run = await ended(customer, (await instance.startRun({ input: { app: 'u-1', ext: 'e-1' } })).id);

    await customer.flowRun(run.id).stop();

    assert.equal((await customer.flowRun(run.id).get()).state, 'completed');
  },

  async 'runs are listed by instance and state'(world) {
    const { customer, instance } = await flow(world);
    const run = await ended(customer, (await instance.startRun({ input: { app: 'u-1', ext: 'e-1' } })).id);

    const { items } = await customer.flowRuns.find({ flowInstanceId: run.flowInstanceId, state: 'completed' });

    assert.deepEqual(items.map((each) => each.id), [run.id]);
  },

  async 'a flow is run by its key on a connection'(world) {
    const { customer, connection, key, instance } = await flow(world);
    await instance.get();

    const run = await customer.connection(connection.id).flow(key).run({ input: { app: 'u-1', ext: 'e-1' } });

    assert.equal((await ended(customer, run.id)).state, 'completed');
  },
};
