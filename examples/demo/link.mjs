// Links every pair of the sample data, and then all of them again: links that exist keep their ids.
import { IntegrationAppClient, answer, packageOf, seconds } from './sdk.mjs';

const AT_ONCE = 8;

/** Where a row's link goes: its table, for the customer's connection to its integration. */
function placesOf(apiUri, tokens) {
  const clients = Object.fromEntries(
    Object.entries(tokens).map(([customer, token]) => [customer, new IntegrationAppClient({ apiUri, token })]),
  );
  return ({ customer, table, integration }) =>
    clients[customer].dataLinkTableInstance({ dataLinkTableKey: table, integrationKey: integration, autoCreate: true });
}

async function linkAll(placeOf, pairs) {
  const ids = new Set();
  const waiting = pairs.values();
  const worker = async () => {
    for (const pair of waiting) {
      const { app_record_id: appRecordId, external_record_id: externalRecordId, direction } = pair;
      const { items } = await placeOf(pair).createLink({ appRecordId, externalRecordId, direction });
      for (const link of items) ids.add(link.id);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return ids;
}

await answer(async ({ apiUri, tokens, pairs }) => {
  const placeOf = placesOf(apiUri, tokens);
  let first;
  let second;
  const firstSeconds = await seconds(async () => {
    first = await linkAll(placeOf, pairs);
  });
  const secondSeconds = await seconds(async () => {
    second = await linkAll(placeOf, pairs);
  });

  return {
    sdk: packageOf('@integration-app/sdk'),
    links: first.size,
    seconds: firstSeconds,
    linksAfterwards: first.union(second).size,
    secondsAfterwards: secondSeconds,
  };
});
