/** The map of what is linked to what: the product on the left, apps on the right, tables as lines between them. */
import '@xyflow/react/dist/style.css';
import { useComputedColorScheme, VisuallyHidden } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import {
  BaseEdge,
  Controls,
  type Edge,
  EdgeLabelRenderer,
  type EdgeProps,
  getBezierPath,
  Handle,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
} from '@xyflow/react';
import { useMemo } from 'react';
import type { OverviewEdge } from '@/api/schema';
import { IntegrationName } from '@/components/IntegrationName';
import { formatCompact, plural } from '@/lib/format';
import { layOut, mapHeight, thickness } from './layout';
import classes from './overview.module.css';

const WIDTH = 170;
const DISTANCE = 350;
const PRODUCT = 'product';

type Box = Node<{ name: string; isProduct: boolean; handles: { id: string; top: number }[] }, 'box'>;
type Line = Edge<{ edge: OverviewEdge }, 'table'>;

const NODE_TYPES = { box: BoxNode };
const EDGE_TYPES = { table: TableEdge };
const FIT = { padding: { top: '20px', bottom: '48px', x: '24px' }, maxZoom: 1 } as const;

export default function LinkMap({ edges }: { edges: OverviewEdge[] }) {
  const scheme = useComputedColorScheme();
  const { nodes, lines } = useMemo(() => drawn(edges), [edges]);
  return (
    <section style={{ height: mapHeight(edges) }} aria-label="Map of what is linked to what">
      <ReactFlow
        // Fits itself anew when something comes or goes.
        key={lines.map((line) => line.id).join()}
        className={classes.map}
        role="presentation"
        nodes={nodes}
        edges={lines}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        colorMode={scheme}
        fitView
        fitViewOptions={FIT}
        minZoom={0.2}
        maxZoom={2}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        disableKeyboardA11y
        zoomOnScroll={false}
        preventScrolling={false}
      >
        <Controls orientation="horizontal" showInteractive={false} position="bottom-left" fitViewOptions={FIT} />
      </ReactFlow>
    </section>
  );
}

function drawn(edges: OverviewEdge[]): { nodes: Box[]; lines: Line[] } {
  const { product, apps, lanes } = layOut(edges);
  const idOf = ({ dataLinkTable, integration }: OverviewEdge) => `${dataLinkTable.id}:${integration.id}`;
  const nodes: Box[] = [
    {
      id: PRODUCT,
      type: 'box',
      position: { x: 0, y: product.y },
      width: WIDTH,
      height: product.height,
      data: {
        name: 'Your product',
        isProduct: true,
        handles: lanes.map((lane) => ({ id: idOf(lane.edge), top: lane.fromProduct })),
      },
    },
    ...apps.map(
      ({ integration, y, height }): Box => ({
        id: integration.id,
        type: 'box',
        position: { x: WIDTH + DISTANCE, y },
        width: WIDTH,
        height,
        data: {
          name: integration.name,
          isProduct: false,
          handles: lanes
            .filter((lane) => lane.edge.integration.id === integration.id)
            .map((lane) => ({ id: idOf(lane.edge), top: lane.fromApp })),
        },
      }),
    ),
  ];
  const lines = lanes.map(
    ({ edge }): Line => ({
      id: idOf(edge),
      type: 'table',
      source: PRODUCT,
      sourceHandle: idOf(edge),
      target: edge.integration.id,
      targetHandle: idOf(edge),
      data: { edge },
    }),
  );
  return { nodes, lines };
}

function BoxNode({ data }: NodeProps<Box>) {
  return (
    <div className={`${classes.node} ${data.isProduct ? classes.product : ''}`}>
      {data.isProduct ? data.name : <IntegrationName name={data.name} />}
      {data.handles.map(({ id, top }) => (
        <Handle
          key={id}
          id={id}
          type={data.isProduct ? 'source' : 'target'}
          position={data.isProduct ? Position.Right : Position.Left}
          style={{ top }}
          isConnectable={false}
        />
      ))}
    </div>
  );
}

function TableEdge({ data, ...ends }: EdgeProps<Line>) {
  const [path, x, y] = getBezierPath(ends);
  if (!data) return null;
  const { dataLinkTable, integration, instances, links } = data.edge;
  return (
    <>
      <BaseEdge path={path} style={{ strokeWidth: thickness(links) }} />
      <EdgeLabelRenderer>
        <Link
          to="/instances"
          search={{ table: dataLinkTable.id, integration: integration.id } as never}
          className={`${classes.label} nopan`}
          style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
        >
          {dataLinkTable.name} · {formatCompact(links)}
          <VisuallyHidden>
            {' '}
            {links === 1 ? 'link' : 'links'} with {integration.name}, in {plural(instances, 'instance')}
          </VisuallyHidden>
        </Link>
      </EdgeLabelRenderer>
    </>
  );
}
