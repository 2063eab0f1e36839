/** Changes what an integration is called and where its app is. */
import { TagsInput, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { changeIntegration, type Integration } from '@/api/integrations';
import { KeyField, NameField } from '@/components/ElementFields';
import { FormDialog } from '@/components/FormDialog';
import { errorAt, errorElsewhere } from '@/lib/fieldErrors';
import { useSaving } from '@/lib/useSaving';

export function EditIntegration({ integration, onClose }: { integration: Integration; onClose: () => void }) {
  const [draft, setDraft] = useState({
    name: integration.name,
    key: integration.key,
    description: integration.description ?? '',
    baseUri: integration.baseUri ?? '',
    allowedHosts: integration.allowedHosts ?? [],
    logoUri: integration.logoUri,
  });
  const changing = useSaving({
    save: () =>
      changeIntegration(integration.id, {
        ...draft,
        description: draft.description || null,
        baseUri: draft.baseUri.trim() || null,
        logoUri: draft.logoUri.trim(),
      }),
    message: (changed) => `Saved the integration ${changed.name}`,
    onSaved: onClose,
  });
  const set = (change: Partial<typeof draft>) => setDraft({ ...draft, ...change });
  const { error } = changing;
  return (
    <FormDialog
      opened
      title={`Edit ${integration.name}`}
      action="Save"
      size="lg"
      isBusy={changing.isPending}
      error={errorElsewhere(error, Object.keys(draft))}
      onSubmit={() => changing.mutate()}
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
        description="Programs that use the old one no longer find it"
        required
        value={draft.key}
        error={errorAt(error, 'key')}
        onChange={(key) => set({ key })}
      />
      <Textarea
        label="Description"
        autosize
        minRows={2}
        maxRows={8}
        maxLength={10_000}
        value={draft.description}
        error={errorAt(error, 'description')}
        onChange={(event) => set({ description: event.currentTarget.value })}
      />
      <TextInput
        label="Base address"
        description="Where the app’s API is; requests through connections go below it"
        placeholder="https://api.example.com/v1"
        value={draft.baseUri}
        error={errorAt(error, 'baseUri')}
        onChange={(event) => set({ baseUri: event.currentTarget.value })}
      />
      <TagsInput
        label="Further hosts"
        description="Requests may be sent to them by their whole address: files.example.com, example.com:8443, *.example.com"
        maxTags={100}
        splitChars={[',', ' ']}
        value={draft.allowedHosts}
        error={errorAt(error, 'allowedHosts')}
        clearable
        onChange={(allowedHosts) => set({ allowedHosts: allowedHosts.map((host) => host.toLowerCase()) })}
      />
      <TextInput
        label="Logo address"
        description="For your own product; the console loads no pictures from elsewhere"
        value={draft.logoUri}
        error={errorAt(error, 'logoUri')}
        onChange={(event) => set({ logoUri: event.currentTarget.value })}
      />
    </FormDialog>
  );
}
