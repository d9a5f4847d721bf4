import { equal, rejects } from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Lock, openArbiter } from 'andon/concurrency/host'

const [role, given = ''] = process.argv.slice(2)

if (role === 'holder') {
  const arbiter = await openArbiter({ folder: given })
  await new Lock('ledger', { arbiter }).acquire()
  process.send?.('holding')
  await once(process, 'disconnect') // ends with its parent
} else {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'andon-'))
  await using arbiter = await openArbiter({ folder: folder.path })
  using ledger = new Lock('ledger', { arbiter })

  const holder = fork(import.meta.filename, ['holder', folder.path])
  equal((await once(holder, 'message'))[0], 'holding')
  await rejects(ledger.acquire({ timeoutMs: 50 }), { code: 'deadline' })
  console.log(`process ${holder.pid} holds the lock: this one had to wait`)

  holder.kill('SIGKILL')
  using held = await ledger.acquire({ timeoutMs: 10_000 })
  console.log('it was killed: the lock is free, and held here')
  equal(held.held, true)
}
