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
  'data',
  'errors',
  'optionsConfig',
  'parametersSchema',
  // Of a node.
  'config',
  'userConfig',
  'inputSchema',
  'outputSchema',
  'outputExample',
  'testInput',
  'ui',
]);
const NOTHING = { parse: (body) => assert.equal(body, '', 'The answer has no body.') };
const OF_AN_APP = { parse: () => {} };
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
    if (rule[2] !== OF_AN_APP) refuseNulls(body);
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
    [['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], /^\/connections\/[^/]+\/(proxy|api)(\/|$)/, OF_AN_APP],
    [['POST'], /^\/connections\/[^/]+\/refresh-credentials$/, NOTHING],
    [['GET'], /^\/integrations\/[^/]+\/connector-spec$/, ANYTHING],
    [['GET'], /^\/flow-runs$/, schemas.FindFlowRunsResponse],
    [['POST'], /^\/flow-runs$|\/run$/, schemas.FlowRunApiResponse],
    [['GET'], /^\/flow-runs\/[^/]+$/, schemas.FlowRunApiResponse],
    [['POST'], /^\/flow-runs\/[^/]+\/stop$/, NOTHING],
    // The SDKs publish no schemas of node runs and outputs.
    [['GET'], /^\/flow-runs\//, ANYTHING],
    ...flows(schemas.FlowApiResponse, page),
    ...element('data-link-table', schemas.DataLinkTableApiResponse, page),
    ...element('customer', schemas.CustomerApiResponse, page),
    ...element('app-event-type', schemas.AppEventTypeApiResponse, page),
    ...element('app-event-subscription', schemas.AppEventSubscriptionApiResponse, page),
    [['POST'], /^\/app-event-subscription(\/subscribe)?$/, schemas.AppEventSubscriptionApiResponse],
    [['GET'], /^\/app-events$/, page(schemas.AppEventLogRecordApiResponse)],
    ...element('integration', schemas.IntegrationApiResponse, page),
    ...element('connection', schemas.ConnectionApiResponse, page),
  ];
}

/** Flows of every layer are answered in one form. */
function flows(flow, page) {
  const of = '/(integrations|connections)/[^/]+/flows';
  return [
    [['GET'], new RegExp(`^/flow-instances$|^${of}$`), page(flow)],
    [['POST'], new RegExp(`^/flow-instances$|^${of}$`), flow],
    [['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], /^\/flow-instance(\/restore)?$/, flow],
    [['POST'], /^\/flow-instances\/[^/]+\/(setup|reset|update-to-latest-flow)$/, flow],
    [['GET', 'PUT', 'PATCH', 'DELETE'], new RegExp(`^${of}/[^/]+$`), flow],
    [['POST'], new RegExp(`^${of}/[^/]+/(setup|reset)$`), flow],
    [['POST'], /^\/flow(s\/[^/]+)?\/apply$/, flow],
    ...element('flow', flow, page),
  ];
}

/** The list, and every operation on one element: each but the list answers the element. */
function element(singular, schema, page) {
  return [
    [['GET'], new RegExp(`^/${singular}s$`), page(schema)],
    [['POST'], new RegExp(`^/${singular}s(/ensure)?$`), schema],
    [['GET', 'PUT', 'PATCH', 'DELETE'], new RegExp(`^/${singular}(s/[^/]+)?$`), schema],
    [['POST'], new RegExp(`^/${singular}(s/[^/]+)?/(restore|refresh|reset|setup|disconnect)$`), schema],
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
