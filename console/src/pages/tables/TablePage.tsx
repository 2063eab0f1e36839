import { Page } from '@/components/Page';

export default function TablePage() {
  return <Page title="Table">{null}</Page>;
}
