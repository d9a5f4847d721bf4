// A house in a process of its own, to be sent what nobody should send: it must neither end nor have a fault.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** The document that every tenant of the house has. */
export const hours = '# Visiting hours\n\nThe lighthouse opens at half past nine.\n'

/** What the process tells once it serves: where, the key of a neighbour, and ids that are there. */
export interface Opened {
  port: number
  secret: string
  ids: Record<string, string>
}

export interface FuzzedHouse extends Opened {
  /** Faults and troubles so far, with their stacks. */
  readonly faults: readonly string[]
  /** Undefined while the process lives. */
  readonly ended: string | undefined
  /** Ends the process as a server is ended; fails unless it ends well. */
  close(): Promise<void>
}

/** Starts the process. To be closed. */
export async function openHouse(): Promise<FuzzedHouse> {
  const dataDir = await mkdtemp(join(tmpdir(), 'andon-fuzz-'))
  const program = new URL('./house-process.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [program, dataDir], { stdio: ['pipe', 'pipe', 'pipe'] })
  const faults: string[] = []
  let said = ''
  let ended: string | undefined
  let closed = false
  child.stderr.setEncoding('utf8').on('data', (text) => (said += String(text)))
  const opened = Promise.withResolvers<Opened>()
  const over = new Promise<void>((resolve) =>
    child.once('close', (code, signal) => {
      ended = `ended with ${signal ?? code}: ${said.slice(-4_000)}`
      opened.reject(new Error(`the house ${ended}`))
      resolve()
    }),
  )
  createInterface({ input: child.stdout }).on('line', (line) => {
    const told = JSON.parse(line) as { opened?: Opened; fault?: string; closed?: true }
    if (told.opened) opened.resolve(told.opened)
    if (told.fault !== undefined) faults.push(told.fault)
    if (told.closed) closed = true
  })
  return {
    ...(await opened.promise),
    faults,
    get ended() {
      return ended
    },
    async close() {
      const tooLong = setTimeout(() => child.kill('SIGKILL'), 30_000)
      child.stdin.end()
      await over
      clearTimeout(tooLong)
      await rm(dataDir, { recursive: true, force: true })
      assert.ok(closed, `the house did not close: ${ended}`)
      assert.match(ended ?? '', /^ended with 0/)
      assert.equal(said, '', 'nothing is said on standard error')
    },
  }
}
