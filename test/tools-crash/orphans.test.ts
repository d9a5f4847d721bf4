// When the program that runs tools is killed, its workers end too, also those that hear nothing.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { settled } from './tools.ts'

test('workers that are blocked end with the program', { skip: !existsSync('/usr/bin/setpriv') }, async () => {
  const tools = new URL('./tools.ts', import.meta.url).href
  const program = `
    const { toolOf, warmExecutor } = await import(${JSON.stringify(tools)})
    const executor = await warmExecutor({ mode: 'process' })
    const loops = toolOf('crashes', 'loops', { limits: { timeoutMs: 600_000 } })
    void executor.execute([0, 1].map((id) => ({ id: String(id), tool: loops, input: {} })))
    const busy = () => executor.state.pools.process.workers.filter(({ running }) => running > 0)
    const watch = setInterval(() => {
      if (busy().length < 2) return
      clearInterval(watch)
      console.log(JSON.stringify(busy().map(({ pid }) => pid)))
    }, 10)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const pids = JSON.parse(line) as number[]
  assert.equal(pids.length, 2)
  assert.ok(pids.every((pid) => existsSync(`/proc/${pid}`)))
  child.kill('SIGKILL')
  await once(child, 'exit')
  await settled('workers', () => pids.filter(alive))
})

/** Whether it runs; one that ended and waits for its new parent does not. */
function alive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z'
  } catch {
    return false
  }
}
