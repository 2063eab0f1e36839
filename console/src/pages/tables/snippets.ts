/** Programs that use a table, filled in with its names. Each runs as it is. */
export type Language = 'javascript' | 'python' | 'curl' | 'flow' | 'formula';

export interface Place {
  /** The server's address. */
  url: string;
  tableKey: string;
  connectionId: string;
}

/** A text of any characters as a value in an address, also between single quotes of a shell. */
const inAddress = (text: string): string => encodeURIComponent(text).replaceAll("'", '%27');
/** A text as one word of a shell. */
export const shellWord = (text: string): string =>
  /^[\w.@:/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
/** A text as a literal of JavaScript, Python or JSON: all of them read the escapes of JSON alike. */
const literal = (text: string): string => JSON.stringify(text);
const json = (value: unknown): string => JSON.stringify(value, null, 2);

/** For `node file.mjs`, after `npm install @membranehq/sdk`. */
export const javascript = ({
  url,
  tableKey,
  connectionId,
}: Place): string => `import { MembraneClient } from '@membranehq/sdk';

const client = new MembraneClient({ apiUri: ${literal(url)}, token: process.env.DATALINKS_TOKEN });
const links = client.dataLinkTableInstance({
  dataLinkTableKey: ${literal(tableKey)},
  connectionId: ${literal(connectionId)},
  autoCreate: true,
});

await links.createLink({ direction: 'both', appRecordId: 'user-17', externalRecordId: '9001' });

const { items } = await links.findLinks({ direction: 'export', appRecordId: 'user-17' });
console.log(items[0]?.externalRecordId); // 9001
`;

export const python = ({ url, tableKey, connectionId }: Place): string => `import os

from datalinks import Client

with Client(${literal(url)}, token=os.environ["DATALINKS_TOKEN"]) as client:
    links = client.links_of(table=${literal(tableKey)}, connection=${literal(connectionId)})

    links.create(app_record_id="user-17", external_record_id="9001")

    print(links.external_record_id("user-17"))  # 9001
    print(links.app_record_id("9001"))  # user-17
`;

export function curl({ url, tableKey, connectionId }: Place): string {
  const links = `${url}/data-link-tables/${inAddress(tableKey)}/links?connectionId=${inAddress(connectionId)}`;
  return `# Link two records, both ways
curl --fail-with-body '${links}&autoCreate=true' \\
  -H "Authorization: Bearer $DATALINKS_TOKEN" -H 'Content-Type: application/json' \\
  -d '{"direction": "both", "appRecordId": "user-17", "externalRecordId": "9001"}'

# Find the external record of an app record
curl --fail-with-body '${links}&direction=export&appRecordId=user-17' \\
  -H "Authorization: Bearer $DATALINKS_TOKEN"
`;
}

const flowKey = (tableKey: string): string => `link-${tableKey}`.slice(0, 200);

/** The body of `POST /flows`: finds the app record of a contact, and links it to a new one where there is none. */
export const flow = ({ tableKey }: Place): string =>
  json({
    key: flowKey(tableKey),
    nodes: {
      trigger: { type: 'api-trigger', links: [{ key: 'find' }] },
      find: {
        type: 'find-data-link',
        config: {
          dataLinkTable: { key: tableKey },
          direction: 'import',
          recordId: { $var: '$.input.trigger.externalRecordId' },
        },
        links: [{ key: 'link', filter: { $eval: { $var: '$.output' }, isEmpty: null } }],
      },
      link: {
        type: 'create-data-link',
        config: {
          dataLinkTable: { key: tableKey },
          direction: 'both',
          appRecordId: { $var: '$.input.trigger.appRecordId' },
          externalRecordId: { $var: '$.input.trigger.externalRecordId' },
        },
      },
    },
  });

/** Creates the flow and runs it for the connection. */
export function runFlow({ url, tableKey, connectionId }: Place): string {
  const run = `${url}/connections/${inAddress(connectionId)}/flows/${inAddress(flowKey(tableKey))}/run?autoCreate=true`;
  return `curl --fail-with-body '${url}/flows' -d @flow.json \\
  -H "Authorization: Bearer $ADMIN_TOKEN" -H 'Content-Type: application/json'

curl --fail-with-body '${run}' \\
  -H "Authorization: Bearer $DATALINKS_TOKEN" -H 'Content-Type: application/json' \\
  -d '{"input": {"appRecordId": "user-18", "externalRecordId": "9002"}}'
`;
}

/** The ids of the records on the other side, both ways. */
export const formula = ({ tableKey }: Place): string =>
  json({
    userId: { $findAppRecordId: { dataLinkTable: { key: tableKey }, recordId: { $var: 'contact.ownerId' } } },
    externalId: { $findExternalRecordId: { dataLinkTable: { key: tableKey }, recordId: { $var: 'user.id' } } },
  });
