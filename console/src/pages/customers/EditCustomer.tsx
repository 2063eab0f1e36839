/** Changes what is written of a customer. */
import { Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import { type Customer, type CustomerDraft, changeCustomer } from '@/api/customers';
import { NameField } from '@/components/ElementFields';
import { FormDialog } from '@/components/FormDialog';
import { JsonField } from '@/components/JsonField';
import { errorAt, errorElsewhere } from '@/lib/fieldErrors';
import { jsonMistake, readJsonObject, writeJson } from '@/lib/json';
import { useSaving } from '@/lib/useSaving';

export function EditCustomer({ customer, onClose }: { customer: Customer; onClose: () => void }) {
  const [draft, setDraft] = useState({
    internalId: customer.internalId,
    name: customer.name,
    isTest: customer.isTest,
    fields: writeJson(customer.fields),
    meta: writeJson(customer.meta),
  });
  const changing = useSaving({
    save: () =>
      changeCustomer(customer.id, {
        ...draft,
        fields: readJsonObject(draft.fields) as CustomerDraft['fields'],
        meta: readJsonObject(draft.meta) as CustomerDraft['meta'],
      }),
    message: (changed) => `Saved the customer ${changed.name}`,
    onSaved: onClose,
  });
  const set = (change: Partial<typeof draft>) => setDraft({ ...draft, ...change });
  const isWrong = !!jsonMistake(draft.fields) || !!jsonMistake(draft.meta);
  return (
    <FormDialog
      opened
      title={`Edit ${customer.name}`}
      action="Save"
      size="lg"
      isBusy={changing.isPending}
      error={errorElsewhere(changing.error, ['internalId', 'name', 'fields', 'meta'])}
      onSubmit={() => !isWrong && changing.mutate()}
      onClose={onClose}
    >
      <NameField
        required
        data-autofocus
        value={draft.name}
        error={errorAt(changing.error, 'name')}
        onChange={(name) => set({ name })}
      />
      <TextInput
        label="Internal id"
        description="With another one, tokens that name the old one belong to another customer"
        required
        maxLength={512}
        classNames={{ input: 'mono' }}
        value={draft.internalId}
        error={errorAt(changing.error, 'internalId')}
        onChange={(event) => set({ internalId: event.currentTarget.value })}
      />
      <Switch
        label="Only for tests"
        checked={draft.isTest}
        onChange={(event) => set({ isTest: event.currentTarget.checked })}
      />
      <JsonField
        label="Fields"
        description="Values of this customer that flows and formulas read, as a JSON object"
        value={draft.fields}
        error={errorAt(changing.error, 'fields')}
        onChange={(fields) => set({ fields })}
      />
      <JsonField
        label="Meta"
        description="Anything of your own, as a JSON object"
        value={draft.meta}
        error={errorAt(changing.error, 'meta')}
        onChange={(meta) => set({ meta })}
      />
    </FormDialog>
  );
}
