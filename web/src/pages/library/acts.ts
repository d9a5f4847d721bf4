// What can be done with a document, each with its way back where there is one.

import type { DocumentInfo } from '../../../../src/core/document.ts'
import type { JobView } from '../../../../src/core/factory.ts'
import { ApiError, call, getJson, sendJson } from '../../api/client.ts'
import { show } from '../../parts/toast.tsx'
import type { Listed } from './documents.ts'
import { t } from './words.ts'

/** The things that are done; each tells how it went. */
export function actsOn(list: Listed) {
  const path = (id: string): string => `/v1/documents/${encodeURIComponent(id)}`

  async function restore({ id, name }: DocumentInfo): Promise<void> {
    await tried(async () => {
      const document = await sendJson<DocumentInfo>('POST', `${path(id)}/restore`)
      list.drop(id)
      list.put(document)
      show(t('restore.done', { x: name }))
    })
  }

  return {
    restore,
    async remove(document: DocumentInfo): Promise<void> {
      await tried(async () => {
        await call(path(document.id), { method: 'DELETE' })
        list.drop(document.id)
        show(t('remove.done', { x: document.name, n: document.passages }), () => restore(document))
      })
    },
    async removeForGood({ id }: DocumentInfo): Promise<void> {
      await tried(async () => {
        await call(`${path(id)}?now=true`, { method: 'DELETE' })
        list.drop(id)
      })
    },
    async retry(document: DocumentInfo): Promise<void> {
      await tried(async () => {
        const job = await newestJob(document.id)
        if (job === undefined) return show(t('story.none'))
        await sendJson<JobView>('POST', `/v1/jobs/${encodeURIComponent(job.id)}/retry`)
        list.put(await getJson<DocumentInfo>(path(document.id)))
        show(t('retry.done', { x: document.name }))
      })
    },
    async stop(document: DocumentInfo): Promise<void> {
      await tried(async () => {
        const job = await newestJob(document.id)
        if (job) await sendJson<JobView>('POST', `/v1/jobs/${encodeURIComponent(job.id)}/cancel`)
        list.put(await getJson<DocumentInfo>(path(document.id)))
      })
    },
  }
}

/** The newest job of a document. */
export async function newestJob(documentId: string): Promise<JobView | undefined> {
  const { jobs } = await getJson<{ jobs: JobView[] }>(`/v1/jobs?document_id=${encodeURIComponent(documentId)}&limit=1`)
  return jobs[0]
}

/** Saves a document as it came, whoever is signed in. */
export async function download({ id, name }: DocumentInfo): Promise<void> {
  await tried(async () => {
    const response = await call(`/v1/documents/${encodeURIComponent(id)}/file`, { headers: { accept: '*/*' } })
    const address = URL.createObjectURL(await response.blob())
    const link = document.createElement('a')
    link.href = address
    link.download = name.split('/').at(-1) ?? name
    link.click()
    setTimeout(() => URL.revokeObjectURL(address), 60_000)
  })
}

async function tried(act: () => Promise<void>): Promise<void> {
  try {
    await act()
  } catch (reason) {
    if (reason instanceof ApiError) show(reason.detail)
    else throw reason
  }
}
