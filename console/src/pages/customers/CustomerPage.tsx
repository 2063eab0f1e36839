import { Page } from '@/components/Page';

export default function CustomerPage() {
  return <Page title="Customer">{null}</Page>;
}
