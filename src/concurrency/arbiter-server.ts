// The arbiter's side: one process of the host listens on a unix socket and keeps the ledger. What a process held is
// free again the moment its connection ends, which the kernel sees to even when it is killed.

import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { Ledger, type Member } from './arbiter-ledger.ts'
import { askedSchema, LineWriter, readLines, type Told } from './arbiter-lines.ts'
import { livingMembers } from './arbiter-register.ts'

/** Longest wait for those who shared the arbiter before, in milliseconds: one whose loop stands still for so long is given up. */
const longestWait = 10_000

/** Listens. The caller has the lock of the path, so that nobody else does. */
export async function serveArbiter(path: string, register: string): Promise<AsyncDisposable> {
  const missing = livingMembers(register)
  const ledger = new Ledger(missing.size > 0)
  const sockets = new Set<Socket>()
  // Those that died meanwhile are not waited for.
  const look = setInterval(() => {
    const living = livingMembers(register)
    for (const member of missing) if (!living.has(member)) missing.delete(member)
    thawWhenWhole()
  }, 50).unref()
  const giveUp = setTimeout(() => {
    missing.clear()
    thawWhenWhole()
  }, longestWait).unref()
  thawWhenWhole()

  function thawWhenWhole(): void {
    if (missing.size > 0) return
    clearInterval(look)
    clearTimeout(giveUp)
    ledger.thaw()
  }

  const server = createServer((socket) => {
    sockets.add(socket)
    const writer = new LineWriter<Told>(socket)
    const member: Member = {
      grant: (grant, count, held) => writer.say({ grant, count, held }),
      rest: (rest, ms) => writer.say({ rest, ms }),
    }
    socket.on('error', () => {})
    socket.once('close', () => {
      sockets.delete(socket)
      ledger.leave(member)
    })
    readLines(socket, askedSchema, (asked) => {
      if ('open' in asked) ledger.open(member, asked.open, asked.limit, asked.held)
      else if ('want' in asked) ledger.want(member, asked.want, asked.count)
      else if ('give' in asked) ledger.give(member, asked.give, asked.count)
      else if ('close' in asked) ledger.close(member, asked.close)
      else if ('rest' in asked) ledger.rest(member, asked.rest, asked.ms)
      else if ('woke' in asked) ledger.woke(asked.woke)
      // Its names stand in the same message, in front of this.
      else if (missing.delete(asked.member)) thawWhenWhole()
    })
  })
  await listen(server, path)
  server.unref()
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(look)
      clearTimeout(giveUp)
      for (const socket of sockets) socket.destroy()
      const closed = once(server, 'close')
      server.close()
      await closed
    },
  }
}

async function listen(server: Server, path: string): Promise<void> {
  // Whoever had it is gone: we have the lock.
  if (process.platform !== 'win32') rmSync(path, { force: true })
  const before = process.umask(0o177)
  try {
    // Of this process alone: a worker of a cluster would else be given the socket of the one that has died.
    server.listen({ path, exclusive: true })
  } finally {
    process.umask(before)
  }
  await once(server, 'listening')
}
