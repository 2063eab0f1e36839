/** The fields that forms of tables, customers, integrations and connections share, with the bounds that the server sets. */
import { TextInput, type TextInputProps } from '@mantine/core';

interface Props extends Omit<TextInputProps, 'onChange' | 'label'> {
  value: string;
  onChange: (value: string) => void;
}

/** What people call it. */
export function NameField({ onChange, ...rest }: Props) {
  return <TextInput label="Name" maxLength={500} {...rest} onChange={(event) => onChange(event.currentTarget.value)} />;
}

/** What programs call it. */
export function KeyField({ onChange, ...rest }: Props) {
  return (
    <TextInput
      label="Key"
      maxLength={200}
      classNames={{ input: 'mono' }}
      {...rest}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
