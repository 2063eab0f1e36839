import { Page } from '@/components/Page';

export default function CustomersPage() {
  return <Page title="Customers">{null}</Page>;
}
