/** What happened in each of the last hours, as bars or as a table. */
import { Box, Button, Group, ScrollArea, Table, Text } from '@mantine/core';
import { useState } from 'react';
import type { Activity } from '@/api/schema';
import { Section } from '@/components/Section';
import { formatCompact, formatNumber } from '@/lib/format';
import { barsOf, type Measure, roundTop } from './bars';
import classes from './overview.module.css';

interface Series {
  key: Measure;
  label: string;
  color: string;
}

interface Props {
  title: string;
  hours: Activity[];
  series: Series[];
  empty: string;
}

const HEIGHT = 130;
const SLOT = 20;
const GAP = 4;
const TIME = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const DAY_TIME = new Intl.DateTimeFormat(undefined, { weekday: 'short', hour: 'numeric', minute: '2-digit' });

const sumOf = (hours: Activity[], key: Measure): number => hours.reduce((sum, hour) => sum + hour[key], 0);

export function HourChart({ title, hours, series, empty }: Props) {
  const [isTable, setIsTable] = useState(false);
  const totals = series.map(({ key }) => sumOf(hours, key));
  const isEmpty = totals.every((total) => total === 0);
  return (
    <Section
      title={title}
      about="In the last 24 hours"
      actions={
        <Button
          size="compact-sm"
          variant="subtle"
          aria-label={isTable ? `${title}: show as chart` : `${title}: show as table`}
          onClick={() => setIsTable(!isTable)}
        >
          {isTable ? 'Chart' : 'Table'}
        </Button>
      }
    >
      <Box p="md">
        <Group gap="lg" mb="sm">
          {series.map(({ key, label, color }, index) => (
            <Group key={key} gap={6}>
              <span className={classes.swatch} style={{ background: color }} />
              <Text size="sm">
                {label}{' '}
                <Text span inherit fw={600}>
                  {formatNumber(totals[index] ?? 0)}
                </Text>
              </Text>
            </Group>
          ))}
        </Group>
        {isTable ? (
          <HourTable title={title} hours={hours} series={series} />
        ) : isEmpty ? (
          <Text size="sm" className="quiet" h={HEIGHT + 20} ta="center" pt={50}>
            {empty}
          </Text>
        ) : (
          <Bars title={title} hours={hours} series={series} />
        )}
      </Box>
    </Section>
  );
}

function Bars({ title, hours, series }: Omit<Props, 'empty'>) {
  const measures = series.map(({ key }) => key);
  const heightOf = (hour: Activity) => measures.reduce((sum, key) => sum + hour[key], 0);
  const top = roundTop(Math.max(...hours.map(heightOf)));
  const width = hours.length * SLOT;
  const said = series.map(({ key, label }) => `${label}: ${formatNumber(sumOf(hours, key))}`).join(', ');
  return (
    <>
      <Text size="xs" className="quiet" aria-hidden>
        {formatCompact(top)}
      </Text>
      <svg
        role="img"
        aria-label={`${title} in each of the last ${hours.length} hours. ${said}.`}
        viewBox={`0 0 ${width} ${HEIGHT}`}
        preserveAspectRatio="none"
        width="100%"
        height={HEIGHT}
        style={{ display: 'block', borderBlock: '1px solid var(--line)' }}
      >
        {hours.map((hour, index) => (
          <g key={hour.hour}>
            {barsOf(hour, measures, top, HEIGHT).map((bar) => (
              <rect
                key={bar.key}
                x={index * SLOT + GAP / 2}
                width={SLOT - GAP}
                y={bar.y}
                height={bar.height}
                fill={series.find(({ key }) => key === bar.key)?.color}
              />
            ))}
            <rect x={index * SLOT} width={SLOT} height={HEIGHT} className={classes.hour}>
              <title>
                {[
                  DAY_TIME.format(new Date(hour.hour)),
                  ...series.map(({ key, label }) => `${label}: ${formatNumber(hour[key])}`),
                ].join('\n')}
              </title>
            </rect>
          </g>
        ))}
      </svg>
      <div className={`${classes.axis} quiet`} aria-hidden>
        <span>{hours[0] && TIME.format(new Date(hours[0].hour))}</span>
        <span>now</span>
      </div>
    </>
  );
}

function HourTable({ title, hours, series }: Omit<Props, 'empty'>) {
  return (
    <ScrollArea.Autosize
      mah={HEIGHT + 40}
      viewportProps={{ tabIndex: 0, role: 'region', 'aria-label': `${title} by hour` }}
    >
      <Table aria-label={`${title} by hour`} verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Hour</Table.Th>
            {series.map(({ key, label }) => (
              <Table.Th key={key} ta="right">
                {label}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {hours.toReversed().map((hour) => (
            <Table.Tr key={hour.hour}>
              <Table.Td>{DAY_TIME.format(new Date(hour.hour))}</Table.Td>
              {series.map(({ key }) => (
                <Table.Td key={key} ta="right">
                  {formatNumber(hour[key])}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea.Autosize>
  );
}
