/** A JSON object written by hand, in a form. What is no object is said at the field. */
import { JsonInput } from '@mantine/core';
import { jsonMistake } from '@/lib/json';

interface Props {
  label: string;
  description?: string;
  value: string;
  onChange: (value: string) => void;
  /** What the server says of it. */
  error?: string;
  required?: boolean;
}

export function JsonField({ value, error, ...rest }: Props) {
  return (
    <JsonInput
      {...rest}
      value={value}
      // A text that has just begun is no mistake yet.
      error={error ?? (value.trim().length > 1 ? jsonMistake(value) : undefined)}
      placeholder='{"name": "value"}'
      autosize
      minRows={3}
      maxRows={14}
      spellCheck={false}
      classNames={{ input: 'mono' }}
    />
  );
}
