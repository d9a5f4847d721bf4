// The source that stands beside the answer: which passage, of which answer, and where the focus came from.

import { signal } from '@preact/signals'
import type { Citation } from '../../../../src/core/question.ts'

export interface Opened {
  /** All sources of the answer, by their numbers from 1. */
  sources: readonly Citation[]
  /** Which of them is shown, from 0. */
  at: number
  /** Names the answer, or the search, that they belong to. */
  of: string
  question: string
}

/** What is open. */
export const opened = signal<Opened | undefined>(undefined)

let from: HTMLElement | undefined

/** Opens a source; closing gives the focus back to where it is now. */
export function open(next: Opened): void {
  const { activeElement } = document
  if (opened.value === undefined || !isInSource(activeElement))
    from = activeElement instanceof HTMLElement && activeElement !== document.body ? activeElement : undefined
  opened.value = next
}

/** Shows the source so many places further. */
export function step(by: number): void {
  const now = opened.value
  if (now !== undefined) show(now.at + by)
}

/** Shows another source of the same answer; false when there is none of that number. */
export function show(at: number): boolean {
  const now = opened.value
  if (now?.sources[at] === undefined) return false
  opened.value = { ...now, at }
  return true
}

/** Closes it. The focus goes back to what opened it, or to the number of what was shown. */
export function close(): void {
  const now = opened.value
  if (now === undefined) return
  opened.value = undefined
  const cite = document.querySelector<HTMLElement>(`[data-cite="${now.of}.${now.at + 1}"]`)
  const back = from?.isConnected ? from : cite
  from = undefined
  back?.focus()
}

function isInSource(element: Element | null): boolean {
  return element?.closest('.source') !== null && element !== null
}
