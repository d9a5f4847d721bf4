// What needs Python: a FastAPI service for our own OpenAPI cells, and Oaklight/ToolRegistry for its figures in the same
// run. An interpreter that lacks them gives no rows, and says so.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { say } from '../harness.ts'

/** Whether the interpreter has these modules. */
export function pythonHas(python: string, ...modules: string[]): boolean {
  const { status } = spawnSync(python, ['-c', `import ${modules.join(', ')}`], { stdio: 'ignore' })
  if (status !== 0) say(`${python} lacks ${modules.join(' or ')}: its figures are missing`)
  return status === 0
}

/** Calls per second by cell. */
export function measurePython(
  python: string,
  batches: number,
  openApi: string | undefined,
  sse: string | undefined,
): Record<string, { cold: number; warm: number }> {
  const program = fileURLToPath(new URL('python/registry.py', import.meta.url))
  const { status, stdout } = spawnSync(python, [program, String(batches), openApi ?? '-', sse ?? '-'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 2],
    timeout: 300_000,
  })
  if (status !== 0) {
    say('The Python ToolRegistry gave no figures')
    return {}
  }
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Record<string, { cold: number; warm: number }>
}
