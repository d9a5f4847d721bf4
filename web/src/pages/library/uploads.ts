// Files on their way up: three at once, each with its progress. One that finds no place, or nobody, waits and goes again
// by itself; one that is refused stays on the list with the reason.

import { signal } from '@preact/signals'
import type { Added } from '../../../../src/core/factory.ts'
import { untilReached, unreachable } from '../../api/connection.ts'
import { key } from '../../api/key.ts'

/** One file in the queue. */
export interface Upload {
  id: number
  /** With its folders. */
  name: string
  file: File
  folder: string | undefined
  state: 'waiting' | 'sending' | 'storing' | 'again' | 'offline' | 'refused' | 'done'
  /** Sent, from 0 to 1. */
  part: number
  /** Of one that goes again: unix ms. */
  againAt?: number
  /** Of one that was refused. */
  reason?: string
}

/** What a file became. */
export type OnAdded = (added: Added) => void

const atOnce = 3

/** The queue, in order; what is done is taken out when all is. */
export const uploads = signal<readonly Upload[]>([])

const requests = new Map<number, AbortController>()
let count = 0
let running = 0
let told: OnAdded = () => undefined

/** Says who is told of what was added. */
export function onAdded(listener: OnAdded): () => void {
  told = listener
  return () => void (told = () => undefined)
}

/** Puts files into the queue. */
export function upload(files: readonly { name: string; file: File }[], folder: string | undefined): void {
  if (uploads.value.every(({ state }) => state === 'done')) uploads.value = []
  uploads.value = [
    ...uploads.value,
    ...files.map(({ name, file }) => ({ id: ++count, name, file, folder, state: 'waiting' as const, part: 0 })),
  ]
  pump()
}

/** Takes one out of the queue, wherever it is. */
export function cancelUpload(id: number): void {
  requests.get(id)?.abort()
  uploads.value = uploads.value.filter((each) => each.id !== id)
}

/** Takes out all that is not done. */
export function cancelUploads(): void {
  for (const request of requests.values()) request.abort()
  uploads.value = []
}

function pump(): void {
  while (running < atOnce) {
    const next = uploads.value.find(({ id, state }) => state === 'waiting' && !requests.has(id))
    if (next === undefined) return
    running += 1
    void run(next).finally(() => {
      running -= 1
      requests.delete(next.id)
      pump()
    })
  }
}

async function run({ id, name, file, folder }: Upload): Promise<void> {
  const cancelled = new AbortController()
  requests.set(id, cancelled)
  const form = new FormData()
  if (folder !== undefined) form.append('collection', folder)
  form.append('name', name)
  form.append('file', file, file.name)
  for (let tries = 1; !cancelled.signal.aborted; tries += 1) {
    change(id, { state: 'sending', part: 0 })
    const { status, body, retryAfterS } = await send(form, cancelled.signal, (part) =>
      change(id, { part, ...(part === 1 ? { state: 'storing' } : {}) }),
    )
    if (cancelled.signal.aborted) return
    if (status === 202) {
      change(id, { state: 'done', part: 1 })
      for (const added of body.added ?? []) told(added)
      return
    }
    if (status === 0) {
      change(id, { state: 'offline' })
      unreachable()
      await untilReached(cancelled.signal).catch(() => undefined)
    } else if ((status === 429 || status === 503) && tries < 50) {
      const wait = Math.min(Math.max(retryAfterS, 1), 60) * 1000
      change(id, { state: 'again', againAt: Date.now() + wait })
      await pause(wait, cancelled.signal)
    } else {
      change(id, { state: 'refused', reason: body.detail ?? `The server answered ${status}.` })
      return
    }
  }
}

interface Reply {
  status: number
  body: { added?: Added[]; detail?: string }
  retryAfterS: number
}

/** Sends a form. `fetch` tells nothing of what is on its way up, so it is the older request. */
function send(form: FormData, signal: AbortSignal, onPart: (part: number) => void): Promise<Reply> {
  const { promise, resolve } = Promise.withResolvers<Reply>()
  const request = new XMLHttpRequest()
  request.open('POST', '/v1/documents')
  request.setRequestHeader('accept', 'application/json')
  if (key.value !== undefined) request.setRequestHeader('authorization', `Bearer ${key.value}`)
  request.upload.addEventListener('progress', ({ loaded, total }) => onPart(total > 0 ? loaded / total : 0))
  request.addEventListener('loadend', () =>
    resolve({
      status: request.status,
      body: objectIn(request.responseText),
      retryAfterS: Number(request.getResponseHeader('retry-after') ?? 1),
    }),
  )
  signal.addEventListener('abort', () => request.abort(), { once: true })
  request.send(form)
  return promise
}

function objectIn(text: string): Reply['body'] {
  try {
    return JSON.parse(text) ?? {}
  } catch {
    return {}
  }
}

function change(id: number, facts: Partial<Upload>): void {
  uploads.value = uploads.value.map((each) => (each.id === id ? { ...each, ...facts } : each))
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  signal.addEventListener('abort', () => resolve(), { once: true })
  await promise
  clearTimeout(timer)
}
