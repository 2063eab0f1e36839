/** Find anything: places of the console by name, and whatever an id from a support ticket belongs to. */
import { Loader, Modal, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useEffect, useId, useState } from 'react';
import { plural } from '@/lib/format';
import classes from './Palette.module.css';
import { PaletteOption } from './PaletteOption';
import { type Item, usePaletteItems } from './paletteItems';

const PAUSE_MS = 150;

/** The number of the option that a key leads to, from the one that is active. */
const STEPS: Record<string, (now: number, count: number) => number> = {
  ArrowDown: (now, count) => (now + 1) % count,
  ArrowUp: (now, count) => (now - 1 + count) % count,
};

export default function Palette({ onClose }: { onClose: () => void }) {
  const [typed, setTyped] = useState('');
  const [settled] = useDebouncedValue(typed, PAUSE_MS);
  const [activeKey, setActiveKey] = useState<string>();
  const navigate = useNavigate();
  const listId = useId();
  const text = typed.trim() && settled.trim();
  const { sections, isSearching, error } = usePaletteItems(text);
  const items = sections.flatMap((each) => each.items);
  const active = Math.max(
    0,
    items.findIndex((each) => each.key === activeKey),
  );
  const isWaiting = isSearching || typed.trim() !== text;
  const optionId = (item: Item | undefined) => item && `${listId}-${items.indexOf(item)}`;
  const activeId = optionId(items[active]);

  useEffect(() => {
    if (activeId) document.getElementById(activeId)?.scrollIntoView({ block: 'nearest' });
  }, [activeId]);

  const go = (item: Item) => {
    onClose();
    navigate(item.to as never);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    const item = items[active];
    if (event.nativeEvent.isComposing || !item) return;
    if (step) setActiveKey(items[step(active, items.length)]?.key);
    // What is shown may belong to a text before.
    else if (event.key === 'Enter' && typed.trim() === text) go(item);
    else return;
    event.preventDefault();
  };

  return (
    <Modal opened onClose={onClose} title="Find anything" centered={false} yOffset="8vh" size="lg">
      <TextInput
        data-autofocus
        type="search"
        role="combobox"
        aria-label="Find anything"
        aria-expanded
        aria-haspopup="listbox"
        aria-autocomplete="list"
        aria-controls={listId}
        aria-activedescendant={activeId}
        placeholder="An id, a table, a customer, a page…"
        autoComplete="off"
        spellCheck={false}
        leftSection={<IconSearch size={16} aria-hidden />}
        rightSection={isWaiting ? <Loader size={14} /> : undefined}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setActiveKey(undefined);
        }}
        onKeyDown={onKeyDown}
      />
      <div id={listId} role="listbox" aria-label="What was found" className={classes.list}>
        {sections.map(({ title, items: those }) => (
          <div key={title} role="group" aria-label={title}>
            <Text size="xs" fw={600} className="quiet" px={10} pt={10} pb={2} aria-hidden>
              {title}
            </Text>
            {those.map((item) => (
              <PaletteOption
                key={item.key}
                id={optionId(item)}
                item={item}
                isActive={item === items[active]}
                onPoint={() => setActiveKey(item.key)}
                onChoose={() => go(item)}
              />
            ))}
          </div>
        ))}
      </div>
      <Text size="sm" className="quiet" role="status" mt="xs">
        {error
          ? error.message
          : isWaiting
            ? 'Searching…'
            : items.length === 0
              ? `Nothing is called “${text}”, and no link has such a record.`
              : text && plural(items.length, 'result')}
      </Text>
    </Modal>
  );
}
