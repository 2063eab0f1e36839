// What cases work with: clients of the SDK under test, tokens, and things made on the server for one case alone.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';

const HOUR = 3600;
const HASHES = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' };

function encoded(value) {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

export function secondsFromNow(seconds) {
  return Math.floor(Date.now() / 1000) + seconds;
}

export function idsOf(page) {
  return page.items.map((item) => item.id);
}

/** A page of links as the pairs that they are, with their directions. */
export function pairs(page) {
  return page.items.map((link) => [link.appRecordId, link.externalRecordId, link.direction]);
}

export class World {
  #answers;
  #count = 0;

  constructor({ sdk, answers, workspace, appUrl }) {
    this.sdk = sdk;
    this.appUrl = appUrl;
    this.workspace = workspace;
    this.#answers = answers;
    // The package exports the older class name too, so the newer one is looked for first.
    this.Client = sdk.MembraneClient ?? sdk.IntegrationAppClient;
    this.errorMarker = sdk.MembraneClient ? 'isMembraneError' : 'isIntegrationAppError';
    this.admin = this.client({ token: this.token({ isAdmin: true }) });
  }

  /** A name that no other case uses. */
  fresh(prefix) {
    this.#count += 1;
    return `${prefix}-${this.#count}`;
  }

  /** A token as a caller's backend mints it. `alg`, `secret` and `exp` may be overridden; null leaves a claim out. */
  token({ alg = 'HS512', secret = this.workspace.secret, ...claims } = {}) {
    const payload = { iss: this.workspace.key, exp: secondsFromNow(HOUR), ...claims };
    const kept = Object.fromEntries(Object.entries(payload).filter(([, value]) => value !== null));
    const input = `${encoded({ alg, typ: 'JWT' })}.${encoded(kept)}`;
    return `${input}.${createHmac(HASHES[alg], secret).update(input).digest('base64url')}`;
  }

  /** A client of the SDK as its users make it, whose every answer is checked against the published schemas. */
  client(options) {
    const client = new this.Client({ apiUri: this.workspace.url, ...options });
    const request = client.makeApiRequest.bind(client);
    client.makeApiRequest = async (method, params) => {
      try {
        const body = await request(method, params);
        this.#answers.check(method, params.url, body);
        return body;
      } catch (error) {
        if (error.data) this.#answers.checkError(error.data);
        throw error;
      }
    };
    return client;
  }

  /** A client that speaks for a customer. */
  customer(id, claims = {}) {
    return this.client({ token: this.token({ id, ...claims }) });
  }

  /** A request without any SDK, to see what the SDKs hide: the status and the body as it is. */
  async raw(method, path, { token = this.token({ isAdmin: true }), headers = {}, body } = {}) {
    const authorization = token ? { authorization: `Bearer ${token}` } : {};
    const response = await fetch(`${this.workspace.url}${path}`, {
      method,
      headers: { ...authorization, ...headers },
      body,
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  async table(fields = {}) {
    return this.admin.dataLinkTables.create({ key: this.fresh('table'), ...fields });
  }

  async integration(fields = {}) {
    return this.admin.integrations.create({ key: this.fresh('app'), name: 'An app', ...fields });
  }

  /** A customer with a connection, and a table: everything that links need. */
  async connected() {
    const customerId = this.fresh('customer');
    const customer = this.customer(customerId, { name: 'Åsa & Söner' });
    const [integration, table] = await Promise.all([this.integration(), this.table()]);
    const connection = await customer.connections.create({ integrationId: integration.id, name: 'CRM' });
    const selector = { dataLinkTableKey: table.key, connectionId: connection.id };
    const instance = customer.dataLinkTableInstance({ ...selector, autoCreate: true });
    return { customerId, customer, integration, table, connection, selector, instance };
  }

  /** Every SDK turns the envelope of a refusal into its BadRequestError; only `data.key` tells refusals apart. */
  async refused(promise, key, message = /./) {
    const error = await promise.then(
      (answer) => assert.fail(`Expected ${key ?? 'a refusal'}, got ${JSON.stringify(answer)}.`),
      (thrown) => thrown,
    );
    assert.ok(error instanceof this.sdk.BadRequestError, `${error.constructor.name}: ${error.message}`);
    assert.equal(error[this.errorMarker], true);
    assert.equal(error.data.type, 'bad_request');
    assert.equal(error.data.key, key, error.message);
    assert.equal(error.data.message, error.message);
    assert.match(error.message, message);
    return error;
  }
}
