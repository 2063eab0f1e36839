/** Where tokens are asked for, and how. */
import { NativeSelect, Textarea, TextInput } from '@mantine/core';
import { errorAt } from '@/lib/fieldErrors';
import type { AuthForm } from './authForm';

interface Props {
  form: AuthForm;
  error: Error | null;
  onChange: (change: Partial<AuthForm>) => void;
}

export function OAuthFields({ form, error, onChange }: Props) {
  return (
    <>
      <TextInput
        label="Token address"
        description="Where tokens are asked for"
        placeholder="https://login.example.com/oauth/token"
        type="url"
        required
        value={form.tokenUri}
        error={errorAt(error, 'auth.tokenUri')}
        onChange={(event) => onChange({ tokenUri: event.currentTarget.value })}
      />
      <TextInput
        label="Scopes"
        description="With blanks between them; none asks for what the client may have"
        value={form.scopes}
        error={errorAt(error, 'auth.scopes')}
        onChange={(event) => onChange({ scopes: event.currentTarget.value })}
      />
      <NativeSelect
        label="The client names itself in"
        data={[
          { value: 'headers', label: 'a header (basic authentication)' },
          { value: 'body', label: 'the body of the request' },
        ]}
        value={form.clientAuthLocation}
        onChange={(event) =>
          onChange({ clientAuthLocation: event.currentTarget.value as AuthForm['clientAuthLocation'] })
        }
      />
      <Textarea
        label="Further parameters"
        description="Of requests for tokens, one name=value on each line; no secrets"
        placeholder="audience=https://api.example.com"
        autosize
        minRows={2}
        classNames={{ input: 'mono' }}
        value={form.extra}
        error={errorAt(error, 'auth.extra')}
        onChange={(event) => onChange({ extra: event.currentTarget.value })}
      />
    </>
  );
}
