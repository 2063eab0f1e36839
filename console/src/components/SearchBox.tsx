/** A box that filters what is below it; `/` moves the keyboard there. What is typed counts after a short pause. */
import { Kbd, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useState } from 'react';

const PAUSE_MS = 200;

interface Props {
  label: string;
  placeholder: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

export function SearchBox({ label, placeholder, value, onChange }: Props) {
  const [typed, setTyped] = useState(value ?? '');
  const tell = useDebouncedCallback((next: string) => onChange(next || undefined), PAUSE_MS);
  useEffect(() => setTyped(value ?? ''), [value]);
  return (
    <TextInput
      data-search-box
      type="search"
      aria-label={label}
      placeholder={placeholder}
      value={typed}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={<Kbd size="xs">/</Kbd>}
      flex="1 1 16rem"
      maw="28rem"
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        tell(event.currentTarget.value);
      }}
    />
  );
}
