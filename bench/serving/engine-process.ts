// The simulated engine in a process of its own, so that its work is nobody else's.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { say } from '../harness.ts'

/** Starts `andon simulate` with a model named `simulated` on a free port, as the flags say, such as `--mode sequential`. */
export async function startEngine(...flags: string[]): Promise<{ url: string } & AsyncDisposable> {
  const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
  const child = spawn(process.execPath, [main, 'simulate', '--port', '0', '--model', 'simulated', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let wanted = true
  child.once('exit', (code, signal) => {
    if (wanted) say(`The simulated engine ended with ${signal ?? code}.`)
  })
  const end = async (): Promise<void> => {
    wanted = false
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill()
    await once(child, 'exit')
  }
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /http:\/\/[\w.:]+/.exec(line)?.[0]
    if (url !== undefined) return { url, [Symbol.asyncDispose]: end }
  }
  throw new Error('The simulated engine ended without saying where it is.')
}
