/** Connects a customer to an integration. A customer's session connects that customer. */
import { Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type Connection, type ConnectionDraft, createConnection } from '@/api/connections';
import { integrationQuery } from '@/api/integrations';
import { CUSTOMER_OPTIONS, INTEGRATION_OPTIONS } from '@/api/options';
import { useSession } from '@/api/session';
import { KeyField, NameField } from '@/components/ElementFields';
import { FormDialog } from '@/components/FormDialog';
import { SearchSelect } from '@/components/SearchSelect';
import { errorAt, errorElsewhere } from '@/lib/fieldErrors';
import { useSaving } from '@/lib/useSaving';
import { CredentialFields } from './CredentialFields';
import { credentialFields, NOTHING, writeCredentials } from './credentials';

interface Props {
  /** What is chosen already. */
  customer?: string;
  integration?: string;
  onCreated: (connection: Connection) => void;
  onClose: () => void;
}

export function CreateConnection({ onCreated, onClose, ...chosen }: Props) {
  const { isAdmin } = useSession();
  const [draft, setDraft] = useState({ ...chosen, name: '', key: '', isTest: false });
  const [credentials, setCredentials] = useState(NOTHING);
  const { data: integration } = useQuery({
    ...integrationQuery(draft.integration ?? ''),
    enabled: !!draft.integration,
  });
  const fields = credentialFields(integration?.auth);
  const creating = useSaving({
    save: () =>
      createConnection({
        userId: isAdmin ? draft.customer : undefined,
        integrationId: draft.integration,
        name: draft.name.trim() || undefined,
        key: draft.key.trim() || undefined,
        isTest: draft.isTest || undefined,
        credentials: (writeCredentials(credentials, fields) ?? undefined) as ConnectionDraft['credentials'],
      }),
    message: (connection) => `Created the connection ${connection.name}`,
    onSaved: onCreated,
  });
  const { error } = creating;
  const set = (change: Partial<typeof draft>) => setDraft({ ...draft, ...change });
  return (
    <FormDialog
      opened
      title="New connection"
      action="Create connection"
      size="lg"
      isBusy={creating.isPending}
      error={errorElsewhere(error, ['userId', 'integrationId', 'name', 'key', 'credentials'])}
      onSubmit={() => creating.mutate()}
      onClose={onClose}
    >
      {isAdmin && (
        <SearchSelect
          label="Customer"
          {...CUSTOMER_OPTIONS}
          required
          autoFocus={!draft.customer}
          value={draft.customer}
          error={errorAt(error, 'userId')}
          onChange={(customer) => set({ customer })}
        />
      )}
      <SearchSelect
        label="Integration"
        {...INTEGRATION_OPTIONS}
        required
        autoFocus={!isAdmin || !!draft.customer}
        value={draft.integration}
        error={errorAt(error, 'integrationId')}
        onChange={(next) => set({ integration: next })}
      />
      <NameField
        placeholder={integration?.name}
        description="Left out, it is the integration’s name"
        value={draft.name}
        error={errorAt(error, 'name')}
        onChange={(name) => set({ name })}
      />
      <KeyField
        description="What programs call it, if the customer has several; may be left out"
        value={draft.key}
        error={errorAt(error, 'key')}
        onChange={(key) => set({ key })}
      />
      <Switch
        label="Only for tests"
        checked={draft.isTest}
        onChange={(event) => set({ isTest: event.currentTarget.checked })}
      />
      <CredentialFields
        fields={fields}
        form={credentials}
        error={errorAt(error, 'credentials')}
        onChange={setCredentials}
      />
    </FormDialog>
  );
}
