/** Formulas to begin with, as in the reference of formulas. */

export interface Example {
  name: string;
  about: string;
  formula: unknown;
  variables: unknown;
}

const USER = {
  user: { id: 'u1', name: 'Ann Lee', email: 'ann@example.com', age: 30, tags: ['a', 'b'] },
};
const DEAL = {
  deal: {
    status: 'Won',
    amount: '12.50',
    closedAt: '2024-03-05T23:30:00-05:00',
    items: [
      { id: 1, name: 'x', qty: 2 },
      { id: 2, name: 'y', qty: 0 },
      { id: 3, name: 'z', qty: 5 },
    ],
  },
};
const CONTACT = {
  contact: {
    fullName: 'Lee, Ann',
    emails: ['ann@example.com', ''],
    stage: 'customer',
    createdAt: '2024-03-05T23:30:00-05:00',
    ownerId: 77,
  },
};

export const EXAMPLES: { title: string; examples: Example[] }[] = [
  {
    title: 'Values and text',
    examples: [
      {
        name: '$var',
        about: 'Takes a variable',
        formula: { id: { $var: 'user.id' }, firstTag: { $var: 'user.tags[0]' }, gone: { $var: 'user.phone' } },
        variables: USER,
      },
      {
        name: '$concat',
        about: 'Joins texts',
        formula: { greeting: { $concat: ['Dear ', { $var: 'user.name' }, '!'] } },
        variables: USER,
      },
      {
        name: '$tpl',
        about: 'Fills the holes of a text',
        formula: { $tpl: { template: 'Hello, {name}!', values: { name: { $var: 'user.name' } } } },
        variables: USER,
      },
      {
        name: '$firstName, $lastName, $domainFromEmail',
        about: 'Parts of names and addresses',
        formula: {
          first: { $firstName: { $var: 'user.name' } },
          last: { $lastName: { $var: 'user.name' } },
          company: { $domainFromEmail: { $var: 'user.email' } },
        },
        variables: USER,
      },
      {
        name: '$extractDate, $extractTime',
        about: 'Day and time of a moment, in UTC',
        formula: {
          day: { $extractDate: { $var: 'deal.closedAt' } },
          time: { $extractTime: { $var: 'deal.closedAt' } },
        },
        variables: DEAL,
      },
    ],
  },
  {
    title: 'Choices',
    examples: [
      {
        name: '$case',
        about: 'The first case that matches',
        formula: {
          $case: {
            cases: [{ filter: { $eval: { $var: 'deal.status' }, is: 'Won' }, value: 'closed' }],
            default: 'open',
          },
        },
        variables: DEAL,
      },
      {
        name: '$map',
        about: 'One value for another',
        formula: {
          $map: {
            value: { $var: 'deal.status' },
            mapping: [
              { from: 'Won', to: 'closed' },
              { from: 'Lost', to: 'archived' },
            ],
            default: 'open',
          },
        },
        variables: DEAL,
      },
      {
        name: '$firstNotEmpty',
        about: 'The first that is there',
        formula: { $firstNotEmpty: [{ $var: 'user.phone' }, { $var: 'user.email' }, 'none'] },
        variables: USER,
      },
    ],
  },
  {
    title: 'Lists',
    examples: [
      {
        name: '$iterate',
        about: 'Does something with each member',
        formula: {
          $iterate: {
            source: { $var: 'deal.items' },
            item: { sku: { $var: 'item.name' }, count: { $var: 'item.qty' } },
          },
        },
        variables: DEAL,
      },
      {
        name: '$jsonata',
        about: 'An expression of JSONata',
        formula: { total: { $jsonata: '$sum(deal.items.qty)' }, sold: { $jsonata: 'deal.items[qty > 0].name' } },
        variables: DEAL,
      },
    ],
  },
  {
    title: 'Links: choose a connection',
    examples: [
      {
        name: '$findExternalRecordId',
        about: 'From your record to the external app’s',
        formula: { $findExternalRecordId: { dataLinkTable: { key: 'contacts' }, recordId: { $var: 'contact.id' } } },
        variables: { contact: { id: 'the id of an app record' } },
      },
      {
        name: '$findAppRecordId',
        about: 'From the external app’s record to yours',
        formula: {
          owner: {
            $firstNotEmpty: [
              { $findAppRecordId: { dataLinkTable: { key: 'users' }, recordId: { $var: 'contact.ownerId' } } },
              'nobody',
            ],
          },
        },
        variables: CONTACT,
      },
      {
        name: 'A whole record',
        about: 'A contact of a CRM as one of your own',
        formula: {
          firstName: { $firstName: { $var: 'contact.fullName' } },
          lastName: { $lastName: { $var: 'contact.fullName' } },
          email: { $var: 'contact.emails[0]' },
          stage: {
            $map: {
              value: { $var: 'contact.stage' },
              mapping: [
                { from: 'lead', to: 'Lead' },
                { from: 'customer', to: 'Customer' },
              ],
              default: 'Other',
            },
          },
          since: { $extractDate: { $var: 'contact.createdAt' } },
          owner: { $findAppRecordId: { dataLinkTable: { key: 'users' }, recordId: { $var: 'contact.ownerId' } } },
        },
        variables: CONTACT,
      },
    ],
  },
];
