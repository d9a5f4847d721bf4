// andon gateway as a process of its own, for tests.

import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A gateway that takes requests, in a process of its own. */
export interface Started extends AsyncDisposable {
  url: string
  /** Processes that share the port, as they were at first. */
  workers: number[]
  child: ChildProcess
  /** What it has said on standard error. */
  said(): string
  /** Stops it as an orchestrator does; its exit code. */
  stop(): Promise<unknown>
}

/** Starts one on a free port. `more` stands in its configuration beside the endpoints. */
export async function start(
  endpoints: object[],
  flags: string[],
  environment: Record<string, string> = {},
  more: { models?: object; limits?: object } = {},
): Promise<Started> {
  const folder = mkdtempSync(join(tmpdir(), 'andon-gateway-'))
  const config = join(folder, 'andon.config.json')
  writeFileSync(config, JSON.stringify({ ...more, models: { ...more.models, endpoints } }))
  const main = new URL('../../src/cli/main.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [main, 'gateway', '--json', '--port', '0', '--config', config, ...flags], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (part: Buffer) => (said += part.toString()))
  let printed = ''
  for await (const part of child.stdout) {
    printed += String(part)
    if (printed.trimEnd().endsWith('}')) break
  }
  assert.match(printed, /"url"/, `${printed}${said}`)
  const { url, workers = [] } = JSON.parse(printed) as { url: string; workers?: number[] }
  const stop = async (): Promise<unknown> => {
    if (child.exitCode !== null) return child.exitCode
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    return (await exited)[0]
  }
  return {
    url,
    workers,
    child,
    said: () => said,
    stop,
    async [Symbol.asyncDispose]() {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Asks it for an answer, on a connection of its own. */
export function chat(url: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close', ...headers },
    body: '{"model":"m","messages":[{"role":"user","content":"Hi"}]}',
  })
}
