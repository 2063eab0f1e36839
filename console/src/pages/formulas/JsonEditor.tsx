/** A JSON text to edit, with what is wrong with it. Tab leaves the field. */
import { Anchor, Button, Group, JsonInput, Text } from '@mantine/core';
import { type Ref, useImperativeHandle, useRef } from 'react';
import { formatJson, type Range } from '@/lib/jsonText';
import type { Mistake } from './problems';

export interface Editor {
  /** Goes to a place of the text and selects it. */
  select: (range: Range) => void;
}

interface Props {
  label: string;
  description: string;
  value: string;
  mistake: Mistake | undefined;
  minRows: number;
  onChange: (value: string) => void;
  ref?: Ref<Editor>;
}

export function JsonEditor({ label, description, value, mistake, minRows, onChange, ref }: Props) {
  const input = useRef<HTMLTextAreaElement>(null);
  const select = ({ start, end }: Range) => {
    const field = input.current;
    if (!field) return;
    field.focus();
    field.setSelectionRange(start, end);
    const line = value.slice(0, start).split('\n').length - 1;
    const height = Number.parseFloat(getComputedStyle(field).lineHeight) || 20;
    field.scrollTop = Math.max(0, line * height - field.clientHeight / 3);
  };
  useImperativeHandle(ref, () => ({ select }));
  const formatted = formatJson(value);
  return (
    <div>
      <JsonInput
        ref={input}
        label={label}
        description={description}
        value={value}
        onChange={onChange}
        error={!!mistake}
        autosize
        minRows={minRows}
        maxRows={26}
        spellCheck={false}
        autoComplete="off"
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13, lineHeight: 1.55 } }}
      />
      <Group justify="space-between" mt={4} gap="xs" mih={26} wrap="nowrap" align="flex-start">
        {mistake ? (
          <Text size="sm" c="var(--mantine-color-error)" role="alert">
            <Anchor
              component="button"
              type="button"
              inherit
              c="inherit"
              underline="always"
              onClick={() => select(mistake.range)}
            >
              {mistake.message}
            </Anchor>
          </Text>
        ) : (
          <span />
        )}
        {formatted !== undefined && formatted !== value && (
          <Button
            size="compact-xs"
            variant="subtle"
            color="gray"
            aria-label={`Format the ${label.toLowerCase()}`}
            onClick={() => onChange(formatted)}
          >
            Format
          </Button>
        )}
      </Group>
    </div>
  );
}
