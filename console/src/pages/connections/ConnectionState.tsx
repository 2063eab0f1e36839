/** Whether a connection works, as a mark. */
import type { Connection } from '@/api/connections';
import { Mark } from '@/components/Marks';

export function ConnectionState({ connection }: { connection: Pick<Connection, 'disconnected' | 'error'> }) {
  if (!connection.disconnected) return <Mark color="teal">Connected</Mark>;
  return connection.error ? <Mark color="red">Refused</Mark> : <Mark color="orange">Disconnected</Mark>;
}
