// The process of a stdio server in a group of its own, which ends with whoever started it, however that ends.

import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { constants } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import { withoutSecrets } from '../secrets.ts'
import type { McpReach } from './server.ts'
import { networkEnvironment } from '../network-environment.ts'

/**
 * Runs the server, and beside it a watch that reads the fourth descriptor: when that ends, because it was closed or
 * because its other side died, the server has a second to end by itself, and then its whole group is killed. The shell
 * lives on through SIGTERM, so that it can wait for both and nothing is left behind.
 */
const watched = `
trap : TERM
(trap '' TERM; read -r _ <&3; sleep 1; kill -KILL -$$) </dev/null >/dev/null 2>&1 &
watch=$!
"$@" 3<&-
status=$?
kill -KILL $watch 2>/dev/null
wait $watch 2>/dev/null
exit $status
`

/** Bytes of what a server said on its stderr that are kept for sentences. */
const keptBytes = 2_048

/** How a server ended, or why it did not start, and what it said last. */
export interface ServerEnd {
  /** A sentence without its subject. */
  why: string
  said: string
}

/** A server that runs. */
export class ServerProcess {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly ended: Promise<ServerEnd>
  readonly #child: ChildProcess
  #said = ''
  #over = false

  constructor({ command, args, env, cwd }: NonNullable<McpReach['program']>) {
    const grouped = process.platform !== 'win32'
    const secrets = Object.values(env)
    const child = spawn(grouped ? '/bin/sh' : command, grouped ? ['-c', watched, 'sh', command, ...args] : args, {
      env: { ...inherited(), ...env },
      ...(cwd === undefined ? {} : { cwd }),
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      detached: grouped,
      windowsHide: true,
    })
    this.#child = child
    const { stdin, stdout, stderr } = child
    const watch = child.stdio[3]
    this.stdin = stdin
    this.stdout = stdout
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said += text
      if (this.#said.length > keptBytes) {
        // From the beginning of a word: half a secret would not be known.
        this.#said = withoutSecrets(this.#said, secrets).slice(-keptBytes).replace(/^\S*/, '')
      }
    })
    for (const stream of child.stdio) stream?.on('error', () => {})
    const { promise, resolve } = Promise.withResolvers<ServerEnd>()
    this.ended = promise
    const end = (why: string): void => {
      if (this.#over) return
      this.#over = true
      watch?.destroy()
      // What it started itself, and did not end.
      if (grouped) this.#signal('SIGKILL')
      stdin.destroy()
      // What it said last is on its way.
      setImmediate(() => {
        stdout.destroy()
        stderr.destroy()
        resolve({ why, said: withoutSecrets(this.#said, secrets).trim() })
      })
    }
    child.on('error', (reason) => end(`could not be started: ${reason.message}`))
    child.on('exit', (code, signal) => end(sentenceOf(command, code, signal)))
  }

  /** Of its group; undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Asks it to end by the end of its input, after a second by SIGTERM, and after another by SIGKILL. */
  async end(): Promise<void> {
    this.stdin.end()
    const hurry = setTimeout(() => this.#signal('SIGTERM'), 1_000)
    const enough = setTimeout(() => this.kill(), 2_000)
    await this.ended
    clearTimeout(hurry)
    clearTimeout(enough)
  }

  /** Ends it and all it started, now. */
  kill(): void {
    if (!this.#over) this.#signal('SIGKILL')
  }

  #signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    const { pid } = this.#child
    if (pid === undefined) return
    try {
      if (process.platform === 'win32') this.#child.kill(signal)
      else process.kill(-pid, signal)
    } catch {
      // It has ended already.
    }
  }
}

/** What every server sees of the environment. */
function inherited(): Record<string, string> {
  const system =
    process.platform === 'win32' ? ['PATH', 'SYSTEMROOT', 'USERPROFILE', 'TEMP', 'APPDATA'] : ['PATH', 'HOME', 'LANG']
  const names = [...system, ...networkEnvironment]
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  )
}

function sentenceOf(command: string, code: number | null, signal: string | null): string {
  if (signal !== null) return `ended by ${signal}`
  if (code === 127) return `has the command ${command}, which was not found`
  if (code === 126) return `has the command ${command}, which may not be run`
  const number = (code ?? 0) - 128
  const name = Object.entries(constants.signals).find(([, value]) => value === number)?.[0]
  return name === undefined ? `ended with code ${code}` : `ended by ${name}`
}
