// What a screen reader is told politely: finished answers, lamps that changed, what a key did.

import { signal } from '@preact/signals'

const said = signal({ text: '', count: 0 })

/** Says a sentence once to whoever listens instead of looking. */
export function announce(sentence: string): void {
  said.value = { text: sentence, count: said.value.count + 1 }
}

/** Where the sentences are put. Once on the page. */
export function Announcer() {
  const { text, count } = said.value
  // The same sentence twice is a change too.
  return (
    <div class="vh" role="status" aria-live="polite">
      <span key={count}>{text}</span>
    </div>
  )
}
