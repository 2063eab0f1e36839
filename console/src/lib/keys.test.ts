import { expect, test } from 'vitest';
import { suggestKey } from './keys';

test.each([
  ['Users to contacts', 'users-to-contacts'],
  ['  CRM: Deals (2024)  ', 'crm-deals-2024'],
  ['Größe', 'größe'],
  ['連絡先 一覧', '連絡先-一覧'],
  ['<script>', 'script'],
  ['???', ''],
  [`${'a'.repeat(99)} b`, 'a'.repeat(99)],
])('%s becomes %s', (name, key) => {
  expect(suggestKey(name)).toBe(key);
});
