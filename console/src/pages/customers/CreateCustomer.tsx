/** Creates a customer before its first token does. */
import { Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import { type Customer, createCustomer } from '@/api/customers';
import { NameField } from '@/components/ElementFields';
import { FormDialog } from '@/components/FormDialog';
import { errorAt, errorElsewhere } from '@/lib/fieldErrors';
import { useSaving } from '@/lib/useSaving';

interface Props {
  onCreated: (customer: Customer) => void;
  onClose: () => void;
}

export function CreateCustomer({ onCreated, onClose }: Props) {
  const [draft, setDraft] = useState({ internalId: '', name: '', isTest: false });
  const creating = useSaving({
    save: () =>
      createCustomer({
        internalId: draft.internalId,
        name: draft.name.trim() || undefined,
        isTest: draft.isTest || undefined,
      }),
    message: (customer) => `Created the customer ${customer.name}`,
    onSaved: onCreated,
  });
  const set = (change: Partial<typeof draft>) => setDraft({ ...draft, ...change });
  return (
    <FormDialog
      opened
      title="New customer"
      action="Create customer"
      isBusy={creating.isPending}
      error={errorElsewhere(creating.error, ['internalId', 'name'])}
      onSubmit={() => creating.mutate()}
      onClose={onClose}
    >
      <TextInput
        label="Internal id"
        description="What your product knows it by; tokens name it"
        required
        maxLength={512}
        data-autofocus
        classNames={{ input: 'mono' }}
        value={draft.internalId}
        error={errorAt(creating.error, 'internalId')}
        onChange={(event) => set({ internalId: event.currentTarget.value })}
      />
      <NameField
        description="Left out, it is the internal id"
        value={draft.name}
        error={errorAt(creating.error, 'name')}
        onChange={(name) => set({ name })}
      />
      <Switch
        label="Only for tests"
        checked={draft.isTest}
        onChange={(event) => set({ isTest: event.currentTarget.checked })}
      />
    </FormDialog>
  );
}
