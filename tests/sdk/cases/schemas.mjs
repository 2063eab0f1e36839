// Answers against the published schemas. Every answer of every case is checked; these say that nothing is lost by it.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { Answers } from '../answers.mjs';

const schemas = createRequire(import.meta.url)('@membranehq/sdk');

/** The parsed answer keeps the fields that the SDK's types promise, in the form that was sent. */
function keeps(schema, answer, fields) {
  const parsed = schema.parse(answer);
  for (const field of fields) assert.deepEqual(parsed[field], answer[field], field);
  for (const field of fields) assert.notEqual(parsed[field], undefined, field);
}

export const cases = {
  async 'answers that the schemas refuse are noticed'() {
    const answers = new Answers(schemas);
    const link = {
      id: 'l',
      dataLinkTableInstanceId: 'i',
      appRecordId: 'a',
      externalRecordId: 'e',
      direction: 'import',
    };

    answers.check('GET', '/data-links?limit=1', { items: [link] });
    for (const items of [[{ ...link, appRecordId: 1 }], [{ ...link, direction: 'both' }], [{ id: 'l' }], null]) {
      assert.throws(() => answers.check('GET', '/data-links', { items }));
    }
    assert.throws(() => answers.check('GET', '/data-links', { items: [], cursor: null }));
    assert.throws(() => answers.check('GET', '/data-link-tables/k', { id: 't', name: 'n', description: null }));
    assert.throws(() => answers.check('POST', '/data-link-tables/k/links', link));
    assert.throws(() => answers.check('GET', '/something/else', {}), /No schema/);
    assert.throws(() => answers.checkError({ type: 'no_such_type', message: 'm' }));
  },

  async 'a link'(world) {
    const { instance } = await world.connected();
    const { items } = await instance.createLink({ appRecordId: 1, externalRecordId: 2 });

    for (const link of items) {
      assert.equal(Object.values(schemas.DataLink.parse(link)).length, 5);
    }
  },

  async 'a table, live and archived'(world) {
    const table = await world.table({ description: 'd', meta: { a: null } });
    await world.admin.dataLinkTable(table.id).archive();
    const archived = await world.admin.dataLinkTable(table.id).get();

    const fields = ['id', 'key', 'name', 'uuid', 'description', 'meta', 'state', 'revision', 'createdAt', 'updatedAt'];
    keeps(schemas.DataLinkTableApiResponse, table, fields);
    keeps(schemas.DataLinkTableApiResponse, archived, [...fields, 'archivedAt', 'isDeactivated']);
  },

  async 'an instance'(world) {
    const { customer, selector } = await world.connected();

    const instance = await customer.dataLinkTableInstance({ ...selector, instanceKey: 'k' }).create();

    const fields = [
      'id',
      'name',
      'key',
      'dataLinkTableId',
      'connectionId',
      'integrationId',
      'userId',
      'tenantId',
      'instanceKey',
    ];
    keeps(schemas.DataLinkTableInstanceApiResponse, instance, [...fields, 'state', 'createdAt', 'updatedAt']);
    const parsed = schemas.DataLinkTableInstanceApiResponse.parse(instance);
    for (const part of ['dataLinkTable', 'connection', 'integration', 'user']) {
      assert.equal(parsed[part].id, instance[part].id);
    }
  },

  async 'a customer'(world) {
    const created = await world.admin.customers.create({
      internalId: world.fresh('customer'),
      name: 'n',
      fields: { a: null },
      meta: { b: 1 },
    });

    keeps(schemas.CustomerApiResponse, created, ['id', 'name', 'internalId', 'fields', 'createdAt']);
  },

  async 'self of a customer and of an admin'(world) {
    const fields = ['id', 'name', 'internalId', 'workspaceKey'];

    keeps(schemas.TenantSelfResponse, await world.customer(world.fresh('customer')).self.get(), fields);
    keeps(schemas.TenantSelfResponse, await world.admin.self.get(), fields);
  },

  async 'an integration'(world) {
    const { customer, integration } = await world.connected();

    keeps(schemas.IntegrationApiResponse, integration, ['id', 'key', 'name', 'logoUri']);
    keeps(schemas.IntegrationApiResponse, await customer.integration(integration.id).get(), ['id', 'connection']);
  },

  async 'a connection'(world) {
    const { customer, connection } = await world.connected();
    await customer
      .connection(connection.id)
      .patch({ credentials: { a: 1 }, connectorParameters: { b: 1 }, input: { c: 1 } });
    const secrets = await world.admin.connection(connection.id).get({ includeSecrets: true });

    keeps(schemas.ConnectionApiResponse, connection, [
      'id',
      'name',
      'userId',
      'integrationId',
      'createdAt',
      'updatedAt',
      'disconnected',
    ]);
    keeps(schemas.ConnectionApiResponseWithSecrets, secrets, ['credentials', 'connectorParameters', 'input']);
  },

  async 'a page with a cursor and a page without'(world) {
    const page = schemas.createPaginationResponseSchema(schemas.DataLinkTableApiResponse);
    const prefix = world.fresh('page');
    for (const number of [1, 2]) await world.table({ key: `${prefix}-${number}` });

    const first = await world.admin.dataLinkTables.find({ search: prefix, limit: 1 });
    const last = await world.admin.dataLinkTables.find({ search: prefix, limit: 1, cursor: first.cursor });

    assert.equal(typeof page.parse(first).cursor, 'string');
    assert.equal(page.parse(last).cursor, undefined);
    assert.equal(page.safeParse({ ...last, cursor: null }).success, false);
  },

  async 'an error'(world) {
    const error = await world.refused(world.admin.dataLinkTable('no-such').get(), 'not_found');

    const parsed = schemas.ErrorDataSchema.parse({ ...error.data });

    assert.deepEqual([parsed.type, parsed.key, parsed.message], ['bad_request', 'not_found', error.message]);
  },
};
