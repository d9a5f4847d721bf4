// Processes that ask together, and how they end.

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Asking, Membership, Seen } from './member.ts'
import { hostMs } from './scenario.ts'

/** A process that was started, ready to be asked. */
export class Member implements AsyncDisposable {
  readonly child: ChildProcess
  readonly #exited: Promise<unknown>
  /** When it is the one that makes the value; once for each. */
  onLead: (() => void) | undefined

  private constructor(child: ChildProcess) {
    this.child = child
    this.#exited = once(child, 'exit')
    child.on('message', (message) => {
      if (message === 'leads') this.onLead?.()
    })
  }

  static async start(membership: Membership): Promise<Member> {
    const child = fork(new URL('member.ts', import.meta.url), [JSON.stringify(membership)], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    const member = new Member(child)
    const ended = member.#exited.then(() => {
      throw new Error(`A process of ${membership.name} ended before it was ready`)
    })
    await Promise.race([once(child, 'message'), ended])
    return member
  }

  /** What it saw; undefined when it ended before it could say so. */
  ask(asking: Asking): Promise<Seen | undefined> {
    if (!this.child.connected) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      const settle = (seen?: Seen): void => {
        this.child.off('message', heard)
        this.child.off('exit', ended)
        resolve(seen)
      }
      const heard = (message: unknown): void => {
        if (typeof message === 'object') settle(message as Seen)
      }
      const ended = (): void => settle()
      this.child.on('message', heard)
      this.child.once('exit', ended)
      this.child.send(asking, (failed) => failed && settle())
    })
  }

  async kill(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL')
    await this.#exited
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill()
  }
}

/** So many members, each of which has asked once for another thing. */
export async function team(size: number, membership: Membership, warming: Partial<Asking> = {}): Promise<Team> {
  const members = await Promise.all(Array.from({ length: size }, () => Member.start(membership)))
  const all = new Team(members)
  for (const key of ['first', 'second', 'third']) await all.ask({ ...warming, key: `warm ${key}`, takesMs: 1 })
  return all
}

export class Team implements AsyncDisposable {
  readonly members: readonly Member[]

  constructor(members: readonly Member[]) {
    this.members = members
  }

  /** All ask the same at the same moment, a little later; that moment, and what those saw who still live. */
  async ask(asking: Partial<Asking> & Pick<Asking, 'key'>): Promise<{ at: number; seen: Seen[] }> {
    const at = hostMs() + 40
    const whole = { kind: 'value', calls: 250, takesMs: 0, items: 0, mostMs: 20_000, ...asking, at } as const
    const seen = await Promise.all(this.members.map((member) => member.ask(whole)))
    return { at, seen: seen.filter((one) => one !== undefined) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.members.map((member) => member.kill()))
  }
}

/** What a whole stream says. */
export function streamText(key: string, items: number): string {
  return Array.from({ length: items }, (_, at) => `${key} ${at} `).join('')
}

export function sum(seen: readonly Seen[], count: (one: Seen) => number): number {
  return seen.reduce((all, one) => all + count(one), 0)
}
