/** Changes what a connection is called. */
import { Switch } from '@mantine/core';
import { useState } from 'react';
import { type Connection, type ConnectionDraft, changeConnection } from '@/api/connections';
import { KeyField, NameField } from '@/components/ElementFields';
import { FormDialog } from '@/components/FormDialog';
import { JsonField } from '@/components/JsonField';
import { errorAt, errorElsewhere } from '@/lib/fieldErrors';
import { jsonMistake, readJsonObject, writeJson } from '@/lib/json';
import { useSaving } from '@/lib/useSaving';

export function EditConnection({ connection, onClose }: { connection: Connection; onClose: () => void }) {
  const [draft, setDraft] = useState({
    name: connection.name,
    key: connection.key ?? '',
    isTest: connection.isTest,
    meta: writeJson(connection.meta),
  });
  const changing = useSaving({
    save: () =>
      changeConnection(connection.id, {
        name: draft.name.trim(),
        key: draft.key.trim() || null,
        isTest: draft.isTest,
        meta: readJsonObject(draft.meta) as ConnectionDraft['meta'],
      }),
    message: (changed) => `Saved the connection ${changed.name}`,
    onSaved: onClose,
  });
  const { error } = changing;
  const set = (change: Partial<typeof draft>) => setDraft({ ...draft, ...change });
  return (
    <FormDialog
      opened
      title={`Edit ${connection.name}`}
      action="Save"
      isBusy={changing.isPending}
      error={errorElsewhere(error, ['name', 'key', 'meta'])}
      onSubmit={() => !jsonMistake(draft.meta) && changing.mutate()}
      onClose={onClose}
    >
      <NameField
        required
        data-autofocus
        value={draft.name}
        error={errorAt(error, 'name')}
        onChange={(name) => set({ name })}
      />
      <KeyField
        description="What programs call it; no other connection of the customer may have it"
        value={draft.key}
        error={errorAt(error, 'key')}
        onChange={(key) => set({ key })}
      />
      <Switch
        label="Only for tests"
        checked={draft.isTest}
        onChange={(event) => set({ isTest: event.currentTarget.checked })}
      />
      <JsonField
        label="Meta"
        description="Anything of your own, as a JSON object"
        value={draft.meta}
        error={errorAt(error, 'meta')}
        onChange={(meta) => set({ meta })}
      />
    </FormDialog>
  );
}
