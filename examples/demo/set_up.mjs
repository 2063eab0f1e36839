// Once per product, as an admin: what there is to link. Once per customer, with its own token: its connections.
import { MembraneClient, answer, packageOf } from './sdk.mjs';

await answer(async ({ apiUri, adminToken, workspaceKey, workspaceSecret, integrations, tables, customers }) => {
  const admin = new MembraneClient({ apiUri, token: adminToken });
  for (const integration of integrations) await admin.integrations.create(integration);
  for (const table of tables) await admin.dataLinkTables.create(table);

  for (const { id, name, integrations: connected } of customers) {
    await admin.customers.create({ internalId: id, name });
    const customer = new MembraneClient({ apiUri, workspaceKey, workspaceSecret, tenantKey: id });
    for (const integrationKey of connected) {
      await customer.connections.create({ integrationKey, name: `${name}: ${integrationKey}` });
    }
  }

  return {
    sdk: packageOf('@membranehq/sdk'),
    integrations: (await admin.integrations.findAll()).length,
    tables: (await admin.dataLinkTables.findAll()).length,
    customers: (await admin.customers.findAll()).length,
    connections: (await admin.connections.find()).items.length,
  };
});
