import { Page } from '@/components/Page';

export default function TablesPage() {
  return <Page title="Tables">{null}</Page>;
}
