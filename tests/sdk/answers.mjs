// What answers must look like: the schemas that one of the SDKs publishes, chosen by method and path.
import assert from 'node:assert/strict';

// JSON that belongs to callers may hold null; everywhere else an absent field is left out.
const CALLERS_OWN = new Set([
  'meta',
  'fields',
  'parameters',
  'credentials',
  'connectorParameters',
  'input',
  'errors',
  'optionsConfig',
]);
const NOTHING = { parse: (body) => assert.equal(body, '', 'The answer has no body.') };
const ANYTHING = { parse: (body) => assert.equal(typeof body, 'object') };

function refuseNulls(value, path = '$') {
  assert.notEqual(value, null, `${path} is null: absent fields are left out.`);
  if (typeof value !== 'object') return;
  for (const [name, inner] of Object.entries(value)) {
    if (!CALLERS_OWN.has(name)) refuseNulls(inner, `${path}.${name}`);
  }
}

export class Answers {
  #rules;
  #error;

  constructor(schemas) {
    this.#error = schemas.ErrorDataSchema;
    this.#rules = rules(schemas);
  }

  /** Refuse an answer that its schema refuses, or whose path no schema is known for. */
  check(method, uri, body) {
    const path = `/${decodeURI(uri).replace(/^\//, '').split('?')[0]}`;
    const rule = this.#rules.find(([methods, pattern]) => methods.includes(method) && pattern.test(path));
    assert.ok(rule, `No schema is known for the answer to ${method} ${path}.`);
    refuseNulls(body);
    rule[2].parse(body);
  }

  checkError(envelope) {
    refuseNulls(envelope);
    this.#error.parse({ ...envelope });
  }
}

function rules(schemas) {
  const page = schemas.createPaginationResponseSchema;
  const instance = schemas.DataLinkTableInstanceApiResponse;
  return [
    [['GET'], /\/links$|^\/data-links$/, links(schemas)],
    [['POST'], /^\/data-link-tables\/.+\/links$/, NOTHING],
    [['POST'], /\/links$/, writtenLinks(schemas)],
    [['DELETE'], /\/links$|^\/data-links\//, NOTHING],
    [['GET'], /^\/data-link-table-instances$/, page(instance)],
    [['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], /^\/data-link-table-instance(\/restore)?$/, instance],
    [['GET'], /^\/data-link-tables\/[^/]+\/export$/, schemas.DataLinkTableExportProperties],
    [['GET'], /^\/data-link-tables\/[^/]+\/dependencies$/, ANYTHING],
    [['GET', 'PATCH'], /^\/self$/, schemas.TenantSelfResponse],
    [['GET'], /^\/integrations\/[^/]+\/connector-spec$/, ANYTHING],
    ...element('data-link-table', schemas.DataLinkTableApiResponse, page),
    ...element('customer', schemas.CustomerApiResponse, page),
    ...element('integration', schemas.IntegrationApiResponse, page),
    ...element('connection', schemas.ConnectionApiResponse, page),
  ];
}

/** The list, and every operation on one element: each but the list answers the element. */
function element(singular, schema, page) {
  return [
    [['GET'], new RegExp(`^/${singular}s$`), page(schema)],
    [['POST'], new RegExp(`^/${singular}s(/ensure)?$`), schema],
    [['GET', 'PUT', 'PATCH', 'DELETE'], new RegExp(`^/${singular}(s/[^/]+)?$`), schema],
    [['POST'], new RegExp(`^/${singular}(s/[^/]+)?/(restore|refresh|setup|disconnect)$`), schema],
  ];
}

/** The schema knows the directions of requests; what is stored has no direction "both". */
function links(schemas) {
  return {
    parse(body) {
      for (const { direction } of schemas.FindDataLinksResponse.parse(body).items) assert.notEqual(direction, 'both');
    },
  };
}

/** Creating answers the first link, and every link that was written. */
function writtenLinks(schemas) {
  return {
    parse(body) {
      schemas.DataLink.parse(body);
      links(schemas).parse(body);
    },
  };
}
