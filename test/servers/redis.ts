// A real Redis on a port of its own, without a disk; it ends with the test.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** False where there is no `redis-server`; else the reason to skip a test is false. */
export const noRedis: string | false =
  spawnSync('redis-server', ['--version']).status === 0 ? false : 'there is no redis-server on this machine'

/** A running Redis. */
export interface RedisServer extends AsyncDisposable {
  readonly port: number
  readonly url: string
  readonly pid: number
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>
}

/** Starts one, on the given port or a free one, with further options such as `--maxmemory 1`. */
export async function startRedis(options: { port?: number; args?: string[] } = {}): Promise<RedisServer> {
  const port = options.port ?? (await freePort())
  const folder = mkdtempSync(join(tmpdir(), 'andon-redis-'))
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder]
  const child = spawn('redis-server', [...args, ...(options.args ?? [])], { stdio: ['ignore', 'pipe', 'ignore'] })
  const exited = once(child, 'exit')
  const end = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exited
    rmSync(folder, { recursive: true, force: true })
  }
  for await (const line of createInterface({ input: child.stdout }))
    if (line.includes('Ready to accept connections')) {
      child.stdout.resume()
      return { port, url: `redis://127.0.0.1:${port}`, pid: child.pid ?? 0, kill: end, [Symbol.asyncDispose]: end }
    }
  throw new Error(`redis-server on port ${port} ended before it was ready`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
