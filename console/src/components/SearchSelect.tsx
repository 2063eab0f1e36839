/** A choice among many: what is typed is looked up by the server. */
import { Loader, Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

const PAUSE_MS = 200;

export interface Option {
  value: string;
  label: string;
}

interface Props {
  label: string;
  /** The resource that the options are of, as in its query keys: "customers". */
  resource: string;
  /** The id of what is chosen. */
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  /** The options for what is typed. */
  load: (search: string, signal: AbortSignal) => Promise<Option[]>;
  /** What an id is called, for one that is not among the options loaded; without it, the id itself is shown. */
  find?: (id: string, signal: AbortSignal) => Promise<Option>;
  /** What `load` depends on besides the text, so that its answers are kept apart. */
  scope?: string;
  clearable?: boolean;
  /** For filters above a list: the label is for screen readers and the placeholder. */
  hideLabel?: boolean;
  placeholder?: string;
  description?: string;
  error?: string;
  required?: boolean;
  disabled?: boolean;
  autoFocus?: boolean;
}

export function SearchSelect(props: Props) {
  const { label, resource, value, onChange, load, find, scope, hideLabel, placeholder, autoFocus, ...rest } = props;
  const [typed, setTyped] = useState('');
  const [isOpen, setIsOpen] = useState(false);
  const [chosen, setChosen] = useState<Option>();
  const [settled] = useDebouncedValue(typed, PAUSE_MS);

  const known = chosen?.value === value ? chosen : undefined;
  const named = useQuery({
    queryKey: [resource, 'option', value],
    queryFn: ({ signal }) => find?.(value ?? '', signal) ?? { value: value ?? '', label: value ?? '' },
    enabled: !!value && !known,
    staleTime: 60_000,
  });
  const current = known ?? (value ? (named.data ?? (named.error ? { value, label: value } : undefined)) : undefined);
  // The text of what is chosen is no search.
  const search = settled === current?.label ? '' : settled.trim();
  const options = useQuery({
    queryKey: [resource, 'options', scope, search],
    queryFn: ({ signal }) => load(search, signal),
    enabled: isOpen,
    placeholderData: keepPreviousData,
  });
  const loaded = options.data ?? [];
  const data = current && !loaded.some((each) => each.value === current.value) ? [current, ...loaded] : loaded;

  return (
    <Select
      {...rest}
      label={hideLabel ? undefined : label}
      aria-label={hideLabel ? label : undefined}
      placeholder={placeholder ?? (hideLabel ? label : 'Type to search')}
      data-autofocus={autoFocus || undefined}
      searchable
      data={data}
      value={value ?? null}
      onChange={(next, option) => {
        if (next !== null) setChosen({ value: next, label: option.label });
        onChange(next ?? undefined);
      }}
      onSearchChange={setTyped}
      onDropdownOpen={() => setIsOpen(true)}
      onDropdownClose={() => setIsOpen(false)}
      filter={({ options: all }) => all}
      allowDeselect={false}
      maxDropdownHeight={280}
      clearButtonProps={{ 'aria-label': `Clear ${label.toLowerCase()}` }}
      rightSection={options.isFetching ? <Loader size={14} /> : undefined}
      nothingFoundMessage={options.error ? options.error.message : options.isFetching ? 'Loading…' : 'Nothing found'}
    />
  );
}
