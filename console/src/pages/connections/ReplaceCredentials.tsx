/** Writes a connection's credentials anew. Those it has are never shown. */
import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type Connection, type ConnectionDraft, changeConnection } from '@/api/connections';
import { integrationQuery } from '@/api/integrations';
import { FormDialog } from '@/components/FormDialog';
import { errorAt, errorElsewhere } from '@/lib/fieldErrors';
import { useSaving } from '@/lib/useSaving';
import { CredentialFields } from './CredentialFields';
import { credentialFields, NOTHING, writeCredentials } from './credentials';

export function ReplaceCredentials({ connection, onClose }: { connection: Connection; onClose: () => void }) {
  const [form, setForm] = useState(NOTHING);
  const { data: integration } = useQuery(integrationQuery(connection.integrationId));
  const fields = credentialFields(integration?.auth);
  const changing = useSaving({
    save: () => {
      const credentials = writeCredentials(form, fields);
      if (!credentials) throw new Error('Nothing is filled in. The connection keeps the credentials it has.');
      return changeConnection(connection.id, { credentials: credentials as ConnectionDraft['credentials'] });
    },
    message: () => `Replaced the credentials of ${connection.name}`,
    onSaved: onClose,
  });
  return (
    <FormDialog
      opened
      title={`Replace the credentials of ${connection.name}`}
      action="Replace credentials"
      isBusy={changing.isPending}
      error={errorElsewhere(changing.error, ['credentials'])}
      onSubmit={() => changing.mutate()}
      onClose={onClose}
    >
      <Text size="sm">
        Credentials are kept encrypted and never shown. What you write here takes the place of all that there are.
      </Text>
      <CredentialFields
        fields={fields}
        form={form}
        isFirst
        error={errorAt(changing.error, 'credentials')}
        onChange={setForm}
      />
    </FormDialog>
  );
}
