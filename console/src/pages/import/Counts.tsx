/** How many rows of a file are what. */
import { Box, SimpleGrid, Text } from '@mantine/core';
import type { ImportReport } from '@/api/schema';
import { formatNumber } from '@/lib/format';
import classes from './Counts.module.css';

export function Counts({ report }: { report: ImportReport }) {
  const verb = report.dryRun ? 'are not there yet' : 'were not there';
  const counts: [string, number, string][] = [
    ['Rows', report.rows, 'in the file'],
    ['New', report.new, `links that ${verb}`],
    ['Unchanged', report.unchanged, 'links that are there already'],
    ['Repeated', report.repeated, 'the same pair again'],
    ['Bad', report.bad, 'no link'],
  ];
  if (typeof report.displacing === 'number') {
    counts.splice(2, 0, ['Displacing', report.displacing, 'new, of a record that has a link']);
  }
  return (
    <SimpleGrid component="dl" m={0} spacing="xs" cols={{ base: 2, xs: 3, md: counts.length }}>
      {counts.map(([label, count, about]) => (
        <Box key={label} className={classes.count} data-bad={(label === 'Bad' && count > 0) || undefined}>
          <Text component="dt" size="xs" fw={600} className="quiet">
            {label}
          </Text>
          <Text component="dd" m={0} fz={22} fw={650} lh={1.2} className={classes.number}>
            {formatNumber(count)}
          </Text>
          <Text component="dd" m={0} size="xs" className="quiet">
            {about}
          </Text>
        </Box>
      ))}
    </SimpleGrid>
  );
}
