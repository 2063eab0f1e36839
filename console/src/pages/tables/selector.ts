import type { DataLinkTable } from '@/api/schema';

/** What a table's address names it by: its key, or its id where a live table may have the key by now. */
export const selectorOf = ({ id, key, archivedAt }: DataLinkTable): string => (archivedAt ? id : key);
