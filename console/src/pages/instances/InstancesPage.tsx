import { Page } from '@/components/Page';

export default function InstancesPage() {
  return <Page title="Instances">{null}</Page>;
}
