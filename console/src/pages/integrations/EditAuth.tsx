/** Says how requests to an integration's app are authenticated. */
import { NativeSelect, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { changeIntegration, type Integration } from '@/api/integrations';
import { FormDialog } from '@/components/FormDialog';
import { errorAt, errorElsewhere } from '@/lib/fieldErrors';
import { useSaving } from '@/lib/useSaving';
import { type AuthForm, type AuthType, readAuth, TYPE_LABELS, VALUES, withType, writeAuth } from './authForm';
import { OAuthFields } from './OAuthFields';
import { ValueField } from './ValueField';

const SHOWN_AT = ['auth.name', 'auth.prefix', 'auth.tokenUri', 'auth.scopes', 'auth.extra'];

export function EditAuth({ integration, onClose }: { integration: Integration; onClose: () => void }) {
  const [form, setForm] = useState(() => readAuth(integration.auth));
  const changing = useSaving({
    save: () => changeIntegration(integration.id, { auth: writeAuth(form) }),
    message: (changed) => `Saved how ${changed.name} is authenticated`,
    onSaved: onClose,
  });
  const set = (change: Partial<AuthForm>) => setForm({ ...form, ...change });
  const values = VALUES[form.type];
  const shownAt = [...SHOWN_AT, ...values.map((each) => `auth.${each.name}`)];
  return (
    <FormDialog
      opened
      title={`Authentication of ${integration.name}`}
      action="Save"
      size="lg"
      isBusy={changing.isPending}
      error={errorElsewhere(changing.error, shownAt)}
      onSubmit={() => changing.mutate()}
      onClose={onClose}
    >
      <NativeSelect
        label="Kind"
        data-autofocus
        data={Object.entries(TYPE_LABELS).map(([value, label]) => ({ value, label }))}
        value={form.type}
        onChange={(event) => setForm(withType(form, event.currentTarget.value as AuthType, integration.auth))}
      />
      {form.type === 'none' && <Text size="sm">Requests are passed on as they are.</Text>}
      {form.type === 'api-key' && (
        <>
          <NativeSelect
            label="The key is sent in"
            data={[
              { value: 'header', label: 'a header' },
              { value: 'query', label: 'the query of the address' },
            ]}
            value={form.in}
            onChange={(event) => set({ in: event.currentTarget.value as AuthForm['in'] })}
          />
          <TextInput
            label={form.in === 'header' ? 'Header' : 'Query parameter'}
            placeholder={form.in === 'header' ? 'X-Api-Key' : 'api_key'}
            required
            maxLength={200}
            value={form.name}
            error={errorAt(changing.error, 'auth.name')}
            onChange={(event) => set({ name: event.currentTarget.value })}
          />
          <TextInput
            label="Prefix"
            description="What stands before the key, with the blank at its end"
            maxLength={100}
            value={form.prefix}
            error={errorAt(changing.error, 'auth.prefix')}
            onChange={(event) => set({ prefix: event.currentTarget.value })}
          />
        </>
      )}
      {form.type.startsWith('oauth2') && <OAuthFields form={form} error={changing.error} onChange={set} />}
      {values.map((value) => (
        <ValueField
          key={value.name}
          value={value}
          form={form.values[value.name] ?? { source: 'connection', text: value.path }}
          mayBeKept={integration.auth?.type === form.type}
          error={errorAt(changing.error, `auth.${value.name}`)}
          onChange={(next) => set({ values: { ...form.values, [value.name]: next } })}
        />
      ))}
      {values.length > 0 && (
        <Text size="xs" className="quiet">
          A place in a connection begins with <span className="mono">$.credentials.</span>,{' '}
          <span className="mono">$.connectorParameters.</span> or <span className="mono">$.input.</span> Secrets are
          kept encrypted and never shown.
        </Text>
      )}
    </FormDialog>
  );
}
