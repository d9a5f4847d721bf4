// The servers of the remote cells: each a process of its own, which says where it listens and ends with this one.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface Server extends AsyncDisposable {
  url: string
}

/** Starts a program whose first line is the URL where it listens. */
export async function startServer(program: string, args: readonly string[], by = process.execPath): Promise<Server> {
  const child = spawn(by, [fileURLToPath(new URL(program, import.meta.url)), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const gone = once(child, 'exit')
  const lines = createInterface(child.stdout)
  const line = await Promise.race([once(lines, 'line'), gone.then(() => undefined)])
  if (line === undefined) throw new Error(`The server ${program} ended before it listened`)
  return {
    url: String(line[0]),
    async [Symbol.asyncDispose]() {
      child.kill()
      await gone
    },
  }
}

/** The program of the MCP server over stdio. */
export const stdioProgram = fileURLToPath(new URL('mcp-stdio.ts', import.meta.url))
