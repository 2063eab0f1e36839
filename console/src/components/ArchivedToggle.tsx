/** Whether a list shows archived things too; kept in the address as `archived`. */
import { Switch } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';

export function ArchivedToggle() {
  const isOn = useSearch({ strict: false, select: (search) => search.archived === true });
  const navigate = useNavigate();
  return (
    <Switch
      label="Show archived"
      checked={isOn}
      onChange={(event) => {
        const archived = event.currentTarget.checked || undefined;
        navigate({ to: '.', search: (now: object) => ({ ...now, archived }), replace: true } as never);
      }}
    />
  );
}
