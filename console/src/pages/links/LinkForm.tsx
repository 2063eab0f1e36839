/** The form of a link, new or changed. */
import { Alert, Button, Checkbox, Group, Input, Modal, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { ApiError } from '@/api/client';
import type { Pair } from '@/api/links';
import type { DataLink } from '@/api/schema';
import { ErrorState } from '@/components/ErrorState';
import { tellDone, tellUndoable } from '@/lib/notify';
import { AlreadyLinked, type LinkChanges } from './changes';

interface Props {
  /** The link to change; a new one without it. */
  link?: DataLink;
  changes: LinkChanges;
  onChanged?: (link: DataLink) => void;
  onClose: () => void;
}

const MEANINGS = {
  both: 'Each record is found from the other: two links.',
  import: 'The app record is found from the external one.',
  export: 'The external record is found from the app one.',
};

const FIELDS = ['appRecordId', 'externalRecordId', 'direction'] as const;
type Field = (typeof FIELDS)[number];

/** The field that an error is about. */
function fieldOf(error: Error | null): Field | undefined {
  if (error instanceof AlreadyLinked) return 'externalRecordId';
  const path = error instanceof ApiError ? error.path : undefined;
  return FIELDS.find((field) => path?.endsWith(`.${field}`));
}

/** Record ids are compared byte for byte, and nobody sees a space at an end. */
const spaceHint = (id: string): string | undefined =>
  id !== id.trim() ? 'Begins or ends with a space, which is part of the id.' : undefined;

const describe = (pair: Pair): string => `${pair.appRecordId} and ${pair.externalRecordId}`;

export function LinkForm({ link, changes, onChanged, onClose }: Props) {
  const [appRecordId, setAppRecordId] = useState(link?.appRecordId ?? '');
  const [externalRecordId, setExternalRecordId] = useState(link?.externalRecordId ?? '');
  const [direction, setDirection] = useState<Pair['direction']>(link?.direction ?? 'both');
  const [isCreatingAnother, setIsCreatingAnother] = useState(false);
  const [created, setCreated] = useState<string>();
  const first = useRef<HTMLInputElement>(null);
  const pair: Pair = { appRecordId, externalRecordId, direction };

  const creating = useMutation({
    mutationFn: (wanted: Pair) => changes.create([wanted]),
    onSuccess: ([outcome], wanted) => {
      const message =
        outcome?.status === 'replaced'
          ? `${describe(wanted)} were linked already: the link is the newest now`
          : `Linked ${describe(wanted)}`;
      if (!isCreatingAnother) {
        tellDone(message);
        onClose();
        return;
      }
      setCreated(message);
      setAppRecordId('');
      setExternalRecordId('');
      first.current?.focus();
    },
  });
  const replacing = useMutation({
    mutationFn: ({ before, wanted }: { before: DataLink; wanted: Pair }) => changes.replace(before, wanted),
    onSuccess: (now, { before }) => {
      tellUndoable('Changed the link', async () => {
        onChanged?.(await changes.replace(now, before));
      });
      onChanged?.(now);
      onClose();
    },
  });
  const saving = link ? replacing : creating;
  const field = fieldOf(saving.error);
  const errorAt = (each: Field) => (field === each ? saving.error?.message : undefined);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setCreated(undefined);
    if (!link) creating.mutate(pair);
    else if (FIELDS.every((each) => link[each] === pair[each])) onClose();
    else replacing.mutate({ before: link, wanted: pair });
  };

  return (
    <Modal opened onClose={onClose} title={link ? 'Edit link' : 'New link'}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          {created && (
            <Alert color="teal" role="status" p="xs">
              <span style={{ overflowWrap: 'anywhere' }}>{created}</span>
            </Alert>
          )}
          {saving.error && !field && <ErrorState error={saving.error} />}
          <TextInput
            ref={first}
            label="App record id"
            description={spaceHint(appRecordId)}
            classNames={{ input: 'mono' }}
            value={appRecordId}
            error={errorAt('appRecordId')}
            onChange={(event) => setAppRecordId(event.currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
            required
            data-autofocus
          />
          <TextInput
            label="External record id"
            description={spaceHint(externalRecordId)}
            classNames={{ input: 'mono' }}
            value={externalRecordId}
            error={errorAt('externalRecordId')}
            onChange={(event) => setExternalRecordId(event.currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
            required
          />
          <Input.Wrapper label="Direction" labelElement="div" error={errorAt('direction')}>
            <SegmentedControl
              fullWidth
              aria-label="Direction"
              value={direction}
              onChange={(value) => setDirection(value as Pair['direction'])}
              data={[
                ...(link ? [] : [{ value: 'both', label: 'Both' }]),
                { value: 'import', label: 'Import' },
                { value: 'export', label: 'Export' },
              ]}
            />
            <Text size="xs" className="quiet" mt={4}>
              {MEANINGS[direction]}
            </Text>
          </Input.Wrapper>
          <Group justify="space-between" mt="xs">
            {link ? (
              <span />
            ) : (
              <Checkbox
                label="Create another"
                checked={isCreatingAnother}
                onChange={(event) => setIsCreatingAnother(event.currentTarget.checked)}
              />
            )}
            <Group gap="xs">
              <Button variant="default" onClick={onClose}>
                Cancel
              </Button>
              <Button type="submit" loading={saving.isPending}>
                {link ? 'Save' : 'Create link'}
              </Button>
            </Group>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
