// Calls of tools that wait for a person's word, and what this page said to them.

import { signal } from '@preact/signals'
import type { ApprovalWord } from '../../../src/core/tooling.ts'
import { ApiError, call } from './client.ts'

/** What became of an approval here: a word on its way or said, nobody's any more, or a word that did not arrive. */
export type Said =
  | { word: ApprovalWord; state: 'sending' | 'said' }
  | { state: 'gone' }
  | { state: 'failed'; why: string }

/** By the approvals' ids. */
export const said = signal<Readonly<Record<string, Said>>>({})

/** Says a word to a call that waits. What goes wrong is noted in {@link said}; it never throws. */
export async function say(id: string, word: ApprovalWord): Promise<void> {
  const now = said.value[id]
  if (now !== undefined && now.state !== 'failed') return
  note(id, { word, state: 'sending' })
  try {
    await call(`/v1/approvals/${encodeURIComponent(id)}`, { method: 'POST', json: { word } })
    note(id, { word, state: 'said' })
  } catch (reason) {
    if (reason instanceof ApiError && reason.status === 404) note(id, { state: 'gone' })
    else note(id, { state: 'failed', why: reason instanceof ApiError ? reason.detail : String(reason) })
  }
}

function note(id: string, what: Said): void {
  said.value = { ...said.value, [id]: what }
}
