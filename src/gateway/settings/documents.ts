// Documents: how many there are, how they come in, and how many there may be.

import { megabytes, part, stateOf, type Setting, type SettingsParts } from './setting.ts'

/** The index, uploads, links, quotas and (for administrators) where it all is. */
export function documents({ health, usage, options, house, admin }: SettingsParts): Setting[] {
  // What all tenants have together is nobody's business but the administrator's.
  const { passages, waiting } = admin ? health.totals : { passages: undefined, waiting: undefined }
  const { used } = usage.documents
  const quotas = [
    quota('documents', usage.documents),
    quota('bytes', usage.bytes),
    quota('questions a day', usage.questions),
  ].flatMap((each) => each ?? [])
  const hosts = (options.links.hosts ?? '').split(',').flatMap((host) => host.trim() || [])
  const storeIsWell = stateOf(health, 'store') === 'ok' && stateOf(health, 'factory') === 'ok'
  return [
    {
      key: 'index',
      group: 'documents',
      name: 'Index',
      state: !storeIsWell ? 'broken' : waiting ? 'waiting' : 'ok',
      // How many are ready is not counted: one that failed is a document too.
      what: !storeIsWell
        ? ((part(health, 'store') ?? part(health, 'factory'))?.message ?? 'The store does not answer.')
        : `Of your ${used} documents, those that are ready can be searched${waiting ? `; still to be loaded: ${waiting}` : ''}.`,
      values: {
        documents: used,
        bytes: usage.bytes.used,
        ...(passages === undefined ? {} : { passages, waiting }),
      },
    },
    {
      key: 'uploads',
      group: 'documents',
      name: 'Uploads',
      state: 'ok',
      what: `A document may be ${megabytes(options.loading.maxBytes)} large.`,
      more: 'Set loading.maxBytes to change it.',
      values: { maxBytes: options.loading.maxBytes },
    },
    {
      key: 'links',
      group: 'documents',
      name: 'Links',
      state: hosts.length === 0 ? 'off' : 'ok',
      what: hosts.length === 0 ? 'Nothing is fetched from links.' : `Documents are fetched from ${hosts.join(', ')}.`,
      more: 'Set links.hosts to the hosts that documents may be fetched from.',
      values: { hosts },
    },
    {
      key: 'quotas',
      group: 'documents',
      name: 'Quotas',
      state: quotas.length === 0 ? 'off' : 'ok',
      what: quotas.length === 0 ? 'Nothing is rationed.' : `You may have ${quotas.join(', ')}.`,
      more: 'Set quotas.documents, quotas.bytes or quotas.questionsPerDay.',
    },
    ...(admin && house
      ? [
          {
            key: 'data',
            group: 'documents' as const,
            name: 'Data directory',
            state: 'ok' as const,
            what: `Everything${house.sessions.redisUrl === undefined ? '' : ' but conversations'} is kept in ${house.dataDir}.`,
            more: 'Set dataDir to keep it elsewhere.',
            values: { dataDir: house.dataDir, conversations: house.sessions.redisUrl === undefined },
          },
        ]
      : []),
  ]
}

function quota(what: string, { limit }: { limit?: number }): string | undefined {
  if (limit === undefined) return undefined
  return what === 'bytes' ? megabytes(limit) : `${limit} ${what}`
}
