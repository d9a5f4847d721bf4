// How a thread waits for a word of shared memory without blocking its event loop: Atomics.waitAsync, at most one wait per
// thread and word however many callers wait here, kept alive by a timer that also looks again on its own.

/** Milliseconds between two looks at words that are waited for, should the thread that was woken have died. */
const lookEvery = 50

/** Those of this thread that sleep now. */
const asleep = new Set<Sleeper>()
let looking: NodeJS.Timeout | undefined

/** One word, as this thread waits for it. While it sleeps, it keeps the event loop of its thread alive. */
export class Sleeper {
  readonly #words: Int32Array<SharedArrayBuffer>
  readonly #index: number
  readonly #woken: (notified: boolean) => void
  #listed = false

  /**
   * `woken` hears `true` when another thread notified the word (also when nobody sleeps here any more: a notification
   * that was meant for one thread must then be passed on), and `false` when it is only time to look again.
   */
  constructor(words: Int32Array<SharedArrayBuffer>, index: number, woken: (notified: boolean) => void) {
    this.#words = words
    this.#index = index
    this.#woken = woken
  }

  /** Sleeps while the word has this value; false when it has another one already. */
  sleep(value: number): boolean {
    if (this.#listed) {
      // Whoever changes the word notifies it afterwards, and this thread stands in the list.
      if (Atomics.load(this.#words, this.#index) !== value) return false
    } else {
      const wait = Atomics.waitAsync(this.#words, this.#index, value)
      if (!wait.async) return false
      this.#listed = true
      void wait.value.then(() => {
        this.#listed = false
        this.#woken(true)
      })
    }
    asleep.add(this)
    looking ??= setInterval(look, lookEvery)
    return true
  }

  /** Nobody waits here any more. */
  rest(): void {
    if (!asleep.delete(this) || asleep.size > 0) return
    clearInterval(looking)
    looking = undefined
  }

  look(): void {
    this.#woken(false)
  }
}

function look(): void {
  for (const sleeper of asleep) sleeper.look()
}
