/** Text to copy: ids, and blocks of code. */
import { ActionIcon, Box, CopyButton, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';

/** A button that copies a text. `what` names it for screen readers: "Copy the id". */
export function Copy({ text, what }: { text: string; what: string }) {
  return (
    <CopyButton value={text} timeout={1500}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : `Copy ${what}`}>
          <ActionIcon size="sm" aria-label={`Copy ${what}`} color={copied ? 'teal' : 'gray'} onClick={copy}>
            {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}

/** An id in a fixed-width face with a button to copy it. */
export function CopyableId({ id, what = 'the id' }: { id: string; what?: string }) {
  return (
    <Box component="span" display="inline-flex" style={{ alignItems: 'center', gap: 4, minWidth: 0 }}>
      <span className="mono">{id}</span>
      <Copy text={id} what={what} />
    </Box>
  );
}

/** A block of code with a button to copy it. */
export function CodeBlock({ code, label }: { code: string; label: string }) {
  return (
    <Box pos="relative" className="card">
      <Box pos="absolute" right={6} top={6}>
        <Copy text={code} what={label} />
      </Box>
      <pre
        className="mono"
        style={{ margin: 0, padding: '12px 44px 12px 14px', overflow: 'auto' }}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        role="region"
        aria-label={label}
      >
        {code}
      </pre>
    </Box>
  );
}
