/** Creates an integration; its key follows the name until somebody writes another one. */
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { createIntegration, type Integration } from '@/api/integrations';
import { KeyField, NameField } from '@/components/ElementFields';
import { FormDialog } from '@/components/FormDialog';
import { errorAt, errorElsewhere } from '@/lib/fieldErrors';
import { suggestKey } from '@/lib/keys';
import { useSaving } from '@/lib/useSaving';

interface Props {
  onCreated: (integration: Integration) => void;
  onClose: () => void;
}

export function CreateIntegration({ onCreated, onClose }: Props) {
  const [draft, setDraft] = useState({ name: '', key: undefined as string | undefined, baseUri: '' });
  const key = draft.key ?? suggestKey(draft.name);
  const creating = useSaving({
    save: () =>
      createIntegration({
        name: draft.name.trim(),
        key: key || undefined,
        baseUri: draft.baseUri.trim() || undefined,
      }),
    message: (integration) => `Created the integration ${integration.name}`,
    onSaved: onCreated,
  });
  const set = (change: Partial<typeof draft>) => setDraft({ ...draft, ...change });
  return (
    <FormDialog
      opened
      title="New integration"
      action="Create integration"
      isBusy={creating.isPending}
      error={errorElsewhere(creating.error, ['name', 'key', 'baseUri'])}
      onSubmit={() => creating.mutate()}
      onClose={onClose}
    >
      <NameField
        placeholder="Acme CRM"
        required
        data-autofocus
        value={draft.name}
        error={errorAt(creating.error, 'name')}
        onChange={(name) => set({ name })}
      />
      <KeyField
        description="What programs call it"
        value={key}
        error={errorAt(creating.error, 'key')}
        onChange={(key) => set({ key })}
      />
      <TextInput
        label="Base address"
        description="Where the app’s API is; needed only for requests through connections"
        placeholder="https://api.example.com/v1"
        type="url"
        value={draft.baseUri}
        error={errorAt(creating.error, 'baseUri')}
        onChange={(event) => set({ baseUri: event.currentTarget.value })}
      />
    </FormDialog>
  );
}
