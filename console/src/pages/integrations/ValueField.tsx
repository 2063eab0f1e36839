/** One value of an authentication: from each connection, or the same for all. A secret that is kept is never shown. */
import { Group, NativeSelect, PasswordInput, TextInput } from '@mantine/core';
import type { Source, Value, ValueForm } from './authForm';

const LABELS: Record<Source, string> = {
  kept: 'As it is now',
  connection: 'From each connection',
  fixed: 'The same for all connections',
};

interface Props {
  value: Value;
  form: ValueForm;
  /** Whether there may be a secret that stays. */
  mayBeKept: boolean;
  error?: string;
  onChange: (form: ValueForm) => void;
}

export function ValueField({ value, form, mayBeKept, error, onChange }: Props) {
  const sources: Source[] = value.isSecret && mayBeKept ? ['kept', 'connection', 'fixed'] : ['connection', 'fixed'];
  const setText = (text: string) => onChange({ ...form, text });
  return (
    <Group align="flex-start" gap="sm">
      <NativeSelect
        label={`${value.label} comes from`}
        flex="1 1 12rem"
        data={sources.map((source) => ({ value: source, label: LABELS[source] }))}
        value={form.source}
        onChange={(event) => {
          const source = event.currentTarget.value as Source;
          onChange({ source, text: source === 'connection' ? value.path : '' });
        }}
        description={form.source === 'kept' ? 'Not shown; it stays' : undefined}
      />
      {form.source === 'connection' && (
        <TextInput
          label={`Place of the ${value.label.toLowerCase()}`}
          flex="1 1 14rem"
          required
          classNames={{ input: 'mono' }}
          value={form.text}
          error={error}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      )}
      {form.source === 'fixed' &&
        (value.isSecret ? (
          <PasswordInput
            label={value.label}
            flex="1 1 14rem"
            required
            autoComplete="new-password"
            value={form.text}
            error={error}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        ) : (
          <TextInput
            label={value.label}
            flex="1 1 14rem"
            required
            autoComplete="off"
            value={form.text}
            error={error}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        ))}
    </Group>
  );
}
