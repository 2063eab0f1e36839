/** What the instances shown belong to, each a choice that is looked up. */
import { Box, Button, Group } from '@mantine/core';
import type { InstanceFilters } from '@/api/instances';
import { CUSTOMER_OPTIONS, connectionOptions, INTEGRATION_OPTIONS, TABLE_OPTIONS } from '@/api/options';
import { useSession } from '@/api/session';
import { ArchivedToggle } from '@/components/ArchivedToggle';
import { SearchBox } from '@/components/SearchBox';
import { SearchSelect } from '@/components/SearchSelect';

interface Props {
  filters: InstanceFilters;
  onChange: (filters: InstanceFilters) => void;
}

const WIDTH = { flex: '1 1 10rem', maxWidth: '15rem' };

export function InstanceFilterBar({ filters, onChange }: Props) {
  const { isAdmin } = useSession();
  const set = (change: InstanceFilters) => onChange({ ...filters, ...change });
  const { archived: _, ...narrowing } = filters;
  return (
    <Group p="sm" gap="sm">
      <SearchBox
        label="Search instances"
        placeholder="Name or key of a table"
        value={filters.search}
        onChange={(search) => set({ search })}
      />
      <Box style={WIDTH}>
        <SearchSelect
          label="Table"
          hideLabel
          clearable
          {...TABLE_OPTIONS}
          value={filters.table}
          onChange={(table) => set({ table })}
        />
      </Box>
      {isAdmin && (
        <Box style={WIDTH}>
          <SearchSelect
            label="Customer"
            hideLabel
            clearable
            {...CUSTOMER_OPTIONS}
            value={filters.customer}
            onChange={(customer) => set({ customer, connection: undefined })}
          />
        </Box>
      )}
      <Box style={WIDTH}>
        <SearchSelect
          label="Integration"
          hideLabel
          clearable
          {...INTEGRATION_OPTIONS}
          value={filters.integration}
          onChange={(integration) => set({ integration, connection: undefined })}
        />
      </Box>
      <Box style={WIDTH}>
        <SearchSelect
          label="Connection"
          hideLabel
          clearable
          {...connectionOptions(filters.customer, filters.integration)}
          value={filters.connection}
          onChange={(connection) => set({ connection })}
        />
      </Box>
      <ArchivedToggle />
      {Object.values(narrowing).some(Boolean) && (
        <Button variant="subtle" size="xs" onClick={() => onChange({ archived: filters.archived })}>
          Clear filters
        </Button>
      )}
    </Group>
  );
}
