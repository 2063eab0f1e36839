/** Creates a table; its key follows the name until somebody writes another one. */
import { Textarea } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { createTable } from '@/api/tables';
import { KeyField, NameField } from '@/components/ElementFields';
import { FormDialog } from '@/components/FormDialog';
import { errorAt, errorElsewhere } from '@/lib/fieldErrors';
import { suggestKey } from '@/lib/keys';
import { useSaving } from '@/lib/useSaving';
import { selectorOf } from './selector';

const NOTHING = { name: '', key: undefined as string | undefined, description: '' };

export function CreateTable({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const navigate = useNavigate();
  const [draft, setDraft] = useState(NOTHING);
  const key = draft.key ?? suggestKey(draft.name);
  const creating = useSaving({
    save: () =>
      createTable({
        name: draft.name.trim(),
        key: key || undefined,
        description: draft.description.trim() || undefined,
      }),
    message: (table) => `Created the table ${table.name}`,
    // Back leads to the list and not to the dialog.
    onSaved: (table) => navigate({ to: '/tables/$table', params: { table: selectorOf(table) }, replace: true }),
  });
  const set = (change: Partial<typeof draft>) => {
    creating.reset();
    setDraft({ ...draft, ...change });
  };
  const close = () => {
    setDraft(NOTHING);
    creating.reset();
    onClose();
  };

  return (
    <FormDialog
      opened={opened}
      title="Create a table"
      action="Create table"
      isBusy={creating.isPending}
      error={errorElsewhere(creating.error, ['name', 'key', 'description'])}
      onSubmit={() => creating.mutate()}
      onClose={close}
    >
      <NameField
        placeholder="Users to contacts"
        required
        data-autofocus
        value={draft.name}
        error={errorAt(creating.error, 'name')}
        onChange={(name) => set({ name })}
      />
      <KeyField
        description="What programs call it. It cannot be changed here later."
        value={key}
        error={errorAt(creating.error, 'key')}
        onChange={(key) => set({ key })}
      />
      <Textarea
        label="Description"
        description="What belongs together, and who keeps it so"
        autosize
        minRows={2}
        maxRows={8}
        maxLength={10_000}
        value={draft.description}
        error={errorAt(creating.error, 'description')}
        onChange={(event) => set({ description: event.currentTarget.value })}
      />
    </FormDialog>
  );
}
