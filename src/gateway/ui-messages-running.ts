// Which answer each chat is waiting for, while it is made: for pages that come back.

/** The answers under way that chats can return to, at one door. */
export class RunningChats {
  readonly #answers = new Map<string, string>()

  /** The answer that a chat of a tenant waits for. */
  get(tenant: string, chat: string): string | undefined {
    return this.#answers.get(key(tenant, chat))
  }

  /** Remembers it until the promise settles; a newer one of the same chat takes its place. */
  keep(tenant: string, chat: string, answerId: string, until: Promise<void>): void {
    const at = key(tenant, chat)
    this.#answers.set(at, answerId)
    const forget = (): void => {
      if (this.#answers.get(at) === answerId) this.#answers.delete(at)
    }
    until.then(forget, forget)
  }
}

function key(tenant: string, chat: string): string {
  return `${tenant}\0${chat}`
}
