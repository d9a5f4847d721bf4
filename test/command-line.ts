// Runs the commands as what they are, child processes, on a data directory that a stand-in factory of this process owns.

import assert from 'node:assert/strict'
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { serveControl } from '../src/cli/control.ts'
import { jsonIn, type Json } from './door.ts'
import { standInFactory, type StandIn } from './stand-in-factory.ts'

const entry = join(import.meta.dirname, '../src/cli/main.ts')

/** How a command ended. */
export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

export interface RunOptions {
  /** Default: the folder of the command line. */
  directory?: string
  environment?: Record<string, string>
  input?: string
}

export type Child = ChildProcessByStdio<Writable, Readable, Readable>

/** Where modules lie that were compiled before: a command starts in half the time. */
const compiled = process.env['NODE_COMPILE_CACHE']

/** Starts a command. It sees PATH and what is given here, and nothing else of the environment. */
export function startCommand(args: string[], options: RunOptions & { directory: string }): Child {
  const child = spawn(process.execPath, [entry, ...args], {
    cwd: options.directory,
    env: {
      PATH: process.env['PATH'],
      ...(compiled === undefined ? {} : { NODE_COMPILE_CACHE: compiled }),
      ...options.environment,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.end(options.input ?? '')
  return child
}

/** Waits for a command to end. */
export async function endOf(child: Child): Promise<Ended> {
  const ended: Ended = { code: null, stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (ended.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (ended.stderr += text))
  const [code]: unknown[] = await once(child, 'close')
  ended.code = typeof code === 'number' ? code : null
  return ended
}

/** Waits until what a stream says matches. */
export async function saying(stream: Readable, pattern: RegExp): Promise<string> {
  let text = ''
  const said = Promise.withResolvers<string>()
  const listen = (part: string): void => {
    text += part
    if (pattern.test(text)) said.resolve(text)
  }
  const ended = (): void => said.reject(new Error(`The stream ended without ${String(pattern)}: ${text}`))
  stream.setEncoding('utf8').on('data', listen).once('end', ended)
  try {
    return await said.promise
  } finally {
    stream.off('data', listen).off('end', ended)
  }
}

/** A folder for a test, with a data directory in it that a stand-in factory serves. */
export interface CommandLine extends AsyncDisposable {
  factory: StandIn
  /** The working directory of the commands. */
  folder: string
  run(args: string[], options?: RunOptions): Promise<Ended>
  start(args: string[], options?: RunOptions): Child
  /** Runs with --json and reads the one value on standard output. */
  json(args: string[], options?: RunOptions): Promise<{ code: number | null; value: Json }>
}

/** Opens a folder with a stand-in server. */
export async function openCommandLine(): Promise<CommandLine> {
  const stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'andon-cli-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const dataDir = join(folder, '.andon')
  const factory = standInFactory()
  await mkdir(dataDir)
  stack.use(await serveControl(factory, dataDir))
  const start = (args: string[], options: RunOptions = {}): Child =>
    startCommand(args, { directory: folder, ...options })
  const run = (args: string[], options: RunOptions = {}): Promise<Ended> => endOf(start(args, options))
  return {
    factory,
    folder,
    start,
    run,
    async json(args, options) {
      const { code, stdout, stderr } = await run([...args, '--json'], options)
      assert.notEqual(stdout, '', stderr)
      return { code, value: jsonIn(stdout) }
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
