// Starts what is measured, each in a process of its own that says where it listens, and reads from the system what such a
// process has used.

import { fork, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { say } from '../harness.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The version of Portkey's gateway in this benchmark's own lockfile. */
export const portkeyVersion = '1.15.2'

export interface Running extends AsyncDisposable {
  readonly url: string
  readonly pid: number
  /** Asks what was loaded before the program (inside.ts): memory after a collection, and what is still open. */
  inside(): Promise<Inside>
}

/** What a process says of itself, in bytes and counts. */
export interface Inside {
  rss: number
  heapUsed: number
  external: number
  /** Sockets and other things that keep a process alive, by kind. */
  resources: Record<string, number>
  unhandled: number
}

interface Program {
  file: string
  args?: readonly string[]
  /** Modules that are loaded first. */
  first?: readonly string[]
  environment?: Record<string, string>
  /** It says where it listens on standard output, and not over the line to its parent. */
  says?: boolean
  /** Further flags of Node. */
  flags?: readonly string[]
}

/** Starts a program and waits until it says where it listens. */
async function start({
  file,
  args = [],
  first = [],
  environment = {},
  says = false,
  flags = [],
}: Program): Promise<Running> {
  const imports = first.flatMap((module) => ['--import', new URL(module, import.meta.url).href])
  const child = fork(file, [...args], {
    execArgv: ['--expose-gc', ...flags, ...imports],
    env: { ...process.env, ...environment },
    stdio: ['ignore', says ? 'pipe' : 'ignore', 'pipe', 'ipc'],
  })
  // Read on to the end, so that the program never waits for its reader; the last of it tells why it ended.
  let complaints = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-4_096)
  })
  let asked = false
  const gone = once(child, 'exit')
  child.once('exit', (code, signal) => {
    if (!asked) say(`${file} ended with ${signal ?? code}: ${complaints}`)
  })
  const url = await Promise.race([says ? printed(child) : told(child), gone.then(() => undefined)])
  if (url === undefined || child.pid === undefined) throw new Error(`${file} ended before it listened.`)
  return {
    url,
    pid: child.pid,
    async inside() {
      const heard = Promise.withResolvers<Inside>()
      const hear = (message: { inside?: Inside }): void => {
        if (message.inside) heard.resolve(message.inside)
      }
      child.on('message', hear)
      child.send({ inside: true })
      try {
        return await heard.promise
      } finally {
        child.off('message', hear)
      }
    },
    async [Symbol.asyncDispose]() {
      asked = true
      const forced = setTimeout(() => child.kill('SIGKILL'), 5_000)
      child.kill('SIGTERM')
      await gone
      clearTimeout(forced)
    },
  }
}

async function told(child: ChildProcess): Promise<string> {
  for (;;) {
    const [message] = (await once(child, 'message')) as [{ url?: string }]
    if (message.url !== undefined) return message.url
  }
}

async function printed(child: ChildProcess): Promise<string> {
  const heard = Promise.withResolvers<string>()
  let text = ''
  // It is read on to the end, so that the program never waits for its reader.
  child.stdout?.on('data', (chunk: Buffer) => {
    if (text.length < 65_536) text += chunk.toString()
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0]
    if (url !== undefined) heard.resolve(url)
  })
  return heard.promise
}

export function startFloor(upstream: string): Promise<Running> {
  return start({ file: here('floor.ts'), args: [upstream], first: ['inside.ts'] })
}

/** Undefined when it cannot be installed. */
export async function startPortkey(): Promise<Running | undefined> {
  const folder = here('portkey')
  if (!existsSync(`${folder}/node_modules`)) {
    say("installing Portkey's gateway, once")
    const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: folder,
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32',
    })
    if (status !== 0) {
      say("Portkey's gateway could not be installed; its figures are missing")
      return undefined
    }
  }
  return start({
    file: `${folder}/node_modules/@portkey-ai/gateway/build/start-server.js`,
    args: ['--headless'],
    first: ['portkey/shim.ts', 'inside.ts'],
    environment: { NODE_ENV: 'production' },
  })
}

/** `andon gateway` with a file of configuration. */
export function startAndon(config: string, args: readonly string[] = []): Promise<Running> {
  return start({
    file: here('../../src/cli/main.ts'),
    args: ['gateway', '--config', config, '--port', '0', ...args],
    first: ['inside.ts'],
    says: true,
    // What the launcher gives a gateway: see run.cjs.
    flags: ['--max-semi-space-size=16', '--initial-old-space-size=48', '--heap-growing-percent=40'],
  })
}

/** CPU time of a process with all of its threads so far, in milliseconds. */
export function cpuMs(pid: number): number {
  // After the name, which may hold anything but ends with the last parenthesis: user and system time in hundredths.
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\)/s, '').trim().split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** Memory of a process that is in use at the moment, in MB. */
export function rssMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? Number.NaN) / 1_024
}
