/** Credentials to be written: one field for each value that the integration's authentication reads, or JSON. */
import { PasswordInput, SegmentedControl, Stack, TextInput } from '@mantine/core';
import { JsonField } from '@/components/JsonField';
import type { CredentialField, CredentialsForm } from './credentials';

interface Props {
  fields: CredentialField[];
  form: CredentialsForm;
  error?: string;
  /** Whether the keyboard begins here. */
  isFirst?: boolean;
  onChange: (form: CredentialsForm) => void;
}

export function CredentialFields({ fields, form, error, isFirst, onChange }: Props) {
  const isJson = form.way === 'json' || fields.length === 0;
  return (
    <Stack gap="sm">
      {fields.length > 0 && (
        <SegmentedControl
          aria-label="Way to write credentials"
          value={form.way}
          data={[
            { value: 'fields', label: 'Fields' },
            { value: 'json', label: 'JSON' },
          ]}
          onChange={(way) => onChange({ ...form, way: way as CredentialsForm['way'] })}
        />
      )}
      {isJson ? (
        <JsonField
          label="Credentials"
          description="As a JSON object; kept encrypted and never shown again"
          value={form.json}
          error={error}
          onChange={(json) => onChange({ ...form, json })}
        />
      ) : (
        fields.map((field, index) => {
          const Input = field.isSecret ? PasswordInput : TextInput;
          return (
            <Input
              key={field.name}
              label={field.label}
              description={field.description}
              type={field.isNumber ? 'number' : undefined}
              autoComplete={field.isSecret ? 'new-password' : 'off'}
              data-autofocus={(isFirst && index === 0) || undefined}
              value={form.fields[field.name] ?? ''}
              error={index === 0 ? error : undefined}
              onChange={(event) =>
                onChange({ ...form, fields: { ...form.fields, [field.name]: event.currentTarget.value } })
              }
            />
          );
        })
      )}
    </Stack>
  );
}
