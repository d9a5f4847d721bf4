// Stations in a child process: memory of its own, and it can be killed without harm to anybody else.

import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { Socket } from 'node:net'
import { setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { AndonError } from '../core/errors.ts'
import { hostModule, overSocket } from './far-end.ts'
import type { Ending, FarEnd, FarEndOptions } from './far-end.ts'
import { isMessage } from './port.ts'
import type { Frame, Wire } from './port.ts'
import { residentBytes, residentTree } from './process-tree.ts'
import { socketWire } from './socket.ts'

/** After its exit, how long the last messages of a child are waited for, in milliseconds. */
const lastWordsMs = 500

/**
 * Starts a child process. It sees only an allow-list of the environment, so that no key of a model reaches a parser;
 * what it prints goes to standard error. It ends by itself when this process is gone.
 */
export function startProcess(options: FarEndOptions): FarEnd {
  const [wrapper, ...rest] = options.command ?? []
  const program = wrapper ?? process.execPath
  const before = wrapper === undefined ? [] : [...rest, process.execPath]
  const flags = [
    ...(options.memoryMb === undefined ? [] : [`--max-old-space-size=${options.memoryMb}`]),
    ...(options.flags ?? []),
  ]
  const believed = options.messageBytes === undefined
  const child = spawn(
    program,
    [...before, ...flags, fileURLToPath(hostModule), options.name, ...(believed ? [] : [overSocket])],
    {
      serialization: 'advanced',
      env: options.environment ?? allowedEnvironment(process.env),
      detached: options.group === true,
      stdio: believed ? ['ignore', 2, 2, 'ipc'] : ['ignore', 'ignore', 'ignore', 'pipe'],
    },
  )
  const { pid } = child
  if (pid !== undefined && options.nice) {
    try {
      setPriority(pid, options.nice)
    } catch {
      // It has ended already, or this system has no priorities: neither is worth a failure.
    }
  }
  const lastWords: { message?: string } = {}
  const kill = (): void => void (options.group && pid !== undefined ? killGroup(pid) : child.kill('SIGKILL'))
  return {
    wire: believed ? processWire(child, lastWords) : socketOf(child, options.messageBytes, kill),
    ended: endOf(child, lastWords, options.group ? kill : undefined),
    ...(pid === undefined ? {} : { pid }),
    kill,
    resident: () => (pid === undefined ? undefined : options.command ? residentTree(pid) : residentBytes(pid)),
  }
}

/** Ends a process and all that it started, and what they started, unless one has left the group. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // The group is gone.
  }
}

/** The near side of a socket that a process was started with. One that breaks the rules of it has to go. */
function socketOf(child: ChildProcess, messageBytes: number | undefined, kill: () => void): Wire {
  const socket = child.stdio[3]
  if (!(socket instanceof Socket)) throw new AndonError('internal', 'A process was started without its socket')
  socket.once('close', (broken) => {
    // One that is ending says how, a moment later.
    const late = setTimeout(kill, broken ? 0 : lastWordsMs)
    child.once('exit', () => clearTimeout(late))
  })
  return socketWire(socket, messageBytes)
}

/** What a child may know of the environment. */
export function allowedEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const allowed = Object.entries(environment).filter(
    ([name]) => /^(?:PATH|HOME|TZ|LANG|ANDON_LOG)$/.test(name) || name.startsWith('NODE_'),
  )
  return Object.fromEntries(allowed)
}

/** A wire over a child (near side) or this process's own channel to its parent (far side). */
export function processWire(end: ChildProcess | NodeJS.Process, lastWords: { message?: string } = {}): Wire {
  return {
    post(frames) {
      if (!end.connected) return
      // Errors of a channel that is closing reach the callback: the end of the child says the same more clearly.
      end.send?.(frames, undefined, undefined, () => {})
    },
    onMessage(listener) {
      end.on('message', (message: unknown) => {
        if (!isMessage(message)) return
        noteLastWords(message, lastWords)
        listener(message)
      })
    },
    onClose(listener) {
      end.once('disconnect', () => listener('The process has ended'))
    },
    close() {
      if (end.connected) end.disconnect?.()
    },
  }
}

function noteLastWords(frames: Frame[], lastWords: { message?: string }): void {
  const last = frames.at(-1)
  if (last?.kind === 'bye' && last.error) lastWords.message = last.error.message
}

function endOf(child: ChildProcess, lastWords: { message?: string }, group?: () => void): Promise<Ending> {
  const ended = Promise.withResolvers<Ending>()
  // `error` comes alone when the process could not be started at all.
  child.once('error', (error) => ended.resolve({ reason: 'crash', message: error.message }))
  child.once('exit', (exitCode, signal) => {
    const ending = {
      reason: reasonOf(exitCode, signal, lastWords),
      ...(exitCode === null ? {} : { exitCode }),
      ...(signal === null ? {} : { signal }),
    }
    const finish = (): void => {
      clearTimeout(timer)
      ended.resolve(lastWords.message === undefined ? ending : { ...ending, message: lastWords.message })
    }
    const timer = setTimeout(finish, lastWordsMs)
    // What it started must not outlive it.
    group?.()
    // Its last messages may still be in the channel.
    if (child.connected) child.once('disconnect', finish)
    else finish()
  })
  return ended.promise
}

/** A heap that outgrows its limit ends in SIGABRT (134 under a shell); Node's own code for an uncaught error is 1. */
function reasonOf(exitCode: number | null, signal: string | null, lastWords: { message?: string }): Ending['reason'] {
  if (signal === 'SIGABRT' || exitCode === 134) return 'memory'
  return signal !== null || exitCode === 1 || lastWords.message !== undefined ? 'crash' : 'exit'
}
