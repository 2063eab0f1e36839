/** A box that filters what is below it; `/` moves the keyboard there. What is typed counts after a short pause. */
import { Kbd, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';

const PAUSE_MS = 200;

interface Props {
  label: string;
  placeholder: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  /** For pages that are nothing without it. */
  autoFocus?: boolean;
}

export function SearchBox({ label, placeholder, value, onChange, autoFocus }: Props) {
  const [typed, setTyped] = useState(value ?? '');
  // What comes back is older than what is typed by then.
  const told = useRef(value);
  const tell = useDebouncedCallback((next: string) => {
    told.current = next || undefined;
    onChange(told.current);
  }, PAUSE_MS);
  useEffect(() => {
    if (value === told.current) return;
    told.current = value;
    setTyped(value ?? '');
  }, [value]);
  return (
    <TextInput
      data-search-box
      type="search"
      aria-label={label}
      autoFocus={autoFocus}
      placeholder={placeholder}
      value={typed}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={
        <Kbd size="xs" aria-hidden>
          /
        </Kbd>
      }
      flex="1 1 16rem"
      maw="28rem"
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        tell(event.currentTarget.value);
      }}
    />
  );
}
