import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { lockDirectory } from './lock.ts'

const root = await mkdtemp(join(tmpdir(), 'andon-lock-'))
after(() => rm(root, { recursive: true, force: true }))

describe('a data directory', () => {
  it('belongs to one opener at a time, and is made when it is not there', () => {
    const path = join(root, 'deep', 'one')
    const held = lockDirectory(path)
    assert.throws(
      () => lockDirectory(path),
      (error: unknown) => {
        const { code, message } = error as { code: string; message: string }
        return code === 'conflict' && message.includes(path) && message.includes(String(process.pid))
      },
    )
    held[Symbol.dispose]()
    lockDirectory(path)[Symbol.dispose]()
  })

  it('is made for its owner only', { skip: process.platform === 'win32' }, () => {
    const path = join(root, 'private')
    lockDirectory(path)[Symbol.dispose]()
    assert.equal(statSync(path).mode & 0o777, 0o700)
  })

  it('is free again when the process that held it was killed', async () => {
    const path = join(root, 'two')
    const code = `import { lockDirectory } from ${JSON.stringify(import.meta.resolve('./lock.ts'))}
      globalThis.held = lockDirectory(process.argv.at(-1)); process.send('held'); setInterval(() => {}, 1000)`
    const child = fork('-', [path], {
      execArgv: ['--input-type=module', '-e', code],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const exited = once(child, 'exit')
    try {
      await once(child, 'message')
      assert.throws(() => lockDirectory(path), { code: 'conflict' })
    } finally {
      child.kill('SIGKILL')
      await exited
    }
    lockDirectory(path)[Symbol.dispose]()
  })
})
