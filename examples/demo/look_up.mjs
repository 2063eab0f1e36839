// Looks every contact up from both sides, and shows what direction, many-to-many and customers mean.
import { MembraneClient, answer, packageOf } from './sdk.mjs';

function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function placesOf({ apiUri, workspaceKey, workspaceSecret }) {
  return ({ customer, table, integration }) =>
    new MembraneClient({ apiUri, workspaceKey, workspaceSecret, tenantKey: customer }).dataLinkTableInstance({
      dataLinkTableKey: table,
      integrationKey: integration,
    });
}

async function externalIds(place, appRecordId) {
  const { items } = await place.findLinks({ direction: 'export', appRecordId });
  return items.map((link) => link.externalRecordId);
}

async function appIds(place, externalRecordId) {
  const { items } = await place.findLinks({ direction: 'import', externalRecordId });
  return items.map((link) => link.appRecordId);
}

/** How many contacts each side finds, how long a look-up takes, and the first records that have several others. */
async function lookUpAll(placeOf, contacts) {
  const milliseconds = [];
  const found = { fromApp: 0, fromExternal: 0, severalExternal: null, severalApp: null };
  const timed = async (find, place, id) => {
    const start = performance.now();
    const ids = await find(place, id);
    milliseconds.push(performance.now() - start);
    return ids;
  };
  for (const contact of contacts) {
    const { app_record_id: app, external_record_id: external } = contact;
    const place = placeOf(contact);
    const externals = await timed(externalIds, place, app);
    const apps = await timed(appIds, place, external);
    found.fromApp += externals.includes(external);
    found.fromExternal += apps.includes(app);
    if (externals.length > 1) found.severalExternal ??= { app, externals };
    if (apps.length > 1) found.severalApp ??= { external, apps };
  }
  return { ...found, medianMilliseconds: median(milliseconds) };
}

/** Users are linked for import only: the external id finds the display name, the other way finds nothing. */
async function showDirection(placeOf, user) {
  const { app_record_id: app, external_record_id: external } = user;
  const place = placeOf(user);
  return { external, apps: await appIds(place, external), app, externals: await externalIds(place, app) };
}

/** Another customer of the integration asks for a contact: through its own connection, and by the instance's id. */
async function showScopes(placeOf, contact, stranger) {
  const id = await placeOf(contact).getId();
  const own = await appIds(placeOf({ ...contact, customer: stranger }), contact.external_record_id);
  const client = placeOf({ ...contact, customer: stranger }).client;
  const refusal = await client
    .dataLinkTableInstance(id)
    .findLinks()
    .then(
      () => null,
      (error) => error.data.key,
    );
  return { owner: contact.customer, stranger, external: contact.external_record_id, found: own.length, refusal };
}

await answer(async ({ contacts, user, shared, stranger, ...access }) => {
  const placeOf = placesOf(access);
  return {
    sdk: packageOf('@membranehq/sdk'),
    ...(await lookUpAll(placeOf, contacts)),
    direction: await showDirection(placeOf, user),
    scopes: await showScopes(placeOf, shared, stranger),
  };
});
