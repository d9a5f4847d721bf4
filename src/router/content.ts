// Which events of an answer are its first word: until one of these came, another endpoint can answer instead.

import type { ChatEvent } from '../models/model.ts'

/** A word, a thought or a call. */
export function isContent(event: ChatEvent): boolean {
  return (
    event.type === 'tool-call' ||
    ((event.type === 'text-delta' || event.type === 'reasoning-delta') && event.text !== '')
  )
}

/** An answer without content that says why is one all the same: its limit cut it, or its provider would not have it. */
export function isWord(event: ChatEvent): boolean {
  return event.type === 'finish' && (event.reason === 'length' || event.reason === 'filter')
}
