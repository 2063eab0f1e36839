import { Page } from '@/components/Page';

export default function ConnectionsPage() {
  return <Page title="Connections">{null}</Page>;
}
