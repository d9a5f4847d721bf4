// Stations behind a socket: another program on this machine, over a unix socket that only its owner may open.

import { once } from 'node:events'
import { unlink } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { deserialize, serialize } from 'node:v8'
import { AndonError } from '../core/errors.ts'
import { isMessage, Port } from './port.ts'
import type { Frame, Wire } from './port.ts'
import { Remote } from './remote.ts'
import { serve } from './serve.ts'
import type { Served } from './serve.ts'

/** Longest message in bytes that is read, unless told otherwise: 64 MiB. */
const defaultLimit = 64 * 2 ** 20

/** Bytes of the length in front of each message: an unsigned 32-bit integer, big-endian. */
const headerBytes = 4

/**
 * A wire over a connected socket: each message is its length and then its frames, serialised as V8 does. A message that
 * is longer than `limit` bytes, or is none, ends the connection.
 */
export function socketWire(socket: Socket, limit: number = defaultLimit): Wire {
  let heard: (frames: Frame[]) => void = () => {}
  let reason = 'The connection was closed'
  const reader = new MessageReader(limit)
  socket.setNoDelay(true)
  socket.on('error', (error) => (reason = `The connection failed (${error.message})`))
  socket.on('data', (chunk) => {
    try {
      for (const frames of reader.read(chunk)) heard(frames)
    } catch (error) {
      socket.destroy(AndonError.from(error, 'invalid'))
    }
  })
  return {
    post(frames) {
      if (!socket.writable) return
      const body = serialize(frames)
      const header = Buffer.allocUnsafe(headerBytes)
      header.writeUInt32BE(body.length)
      socket.cork()
      socket.write(header)
      socket.write(body)
      socket.uncork()
    },
    onMessage(listener) {
      heard = listener
    },
    onClose(listener) {
      socket.once('close', () => listener(reason))
    },
    close() {
      socket.end()
    },
  }
}

/** Cuts a stream of bytes into messages. */
class MessageReader {
  readonly #limit: number
  #chunks: Buffer[] = []
  #length = 0
  /** Length of the message under way, once its header has come. */
  #expected: number | undefined

  constructor(limit: number) {
    this.#limit = limit
  }

  *read(chunk: Uint8Array): Generator<Frame[]> {
    this.#chunks.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    this.#length += chunk.byteLength
    for (;;) {
      if (this.#expected === undefined) {
        if (this.#length < headerBytes) return
        this.#expected = this.#whole().readUInt32BE()
      }
      const length = this.#expected
      if (length > this.#limit) {
        throw new AndonError('too-large', `A message of ${length} bytes came, of at most ${this.#limit}`)
      }
      if (this.#length < headerBytes + length) return
      this.#expected = undefined
      const bytes = this.#whole()
      const message: unknown = deserialize(bytes.subarray(headerBytes, headerBytes + length))
      if (!isMessage(message)) throw new AndonError('invalid', 'What came is no message of frames')
      const rest = bytes.subarray(headerBytes + length)
      this.#chunks = rest.length > 0 ? [rest] : []
      this.#length = rest.length
      yield message
    }
  }

  /** The bytes that came, as one buffer. */
  #whole(): Buffer {
    const [first] = this.#chunks
    if (first && this.#chunks.length === 1) return first
    const whole = Buffer.concat(this.#chunks, this.#length)
    this.#chunks = [whole]
    return whole
  }
}

/** Stations of another program. */
export type SocketRemote = Remote &
  AsyncDisposable & {
    /** Resolves when the connection is closed, by whichever side. */
    readonly closed: Promise<void>
  }

/**
 * Connects to the stations behind a unix socket (or a port of this machine). Fails with `unavailable` when nobody
 * listens there, and every call with `unavailable` once the other side is gone.
 */
export async function connectSocket(
  address: string | number,
  options: { signal?: AbortSignal; limit?: number } = {},
): Promise<SocketRemote> {
  const socket = typeof address === 'number' ? connect(address, '127.0.0.1') : connect(address)
  try {
    await once(socket, 'connect', options.signal ? { signal: options.signal } : {})
  } catch (reason) {
    socket.destroy()
    if (options.signal?.aborted) throw AndonError.from(options.signal.reason, 'cancelled')
    throw new AndonError('unavailable', `Nobody answers at ${address}: is Andon running?`, { cause: reason })
  }
  const remote = new Remote(new Port(socketWire(socket, options.limit)))
  const closed = Promise.withResolvers<void>()
  socket.once('close', () => {
    closed.resolve()
    const error = new AndonError('unavailable', `The other side of ${address} is gone: start it, then ask again`)
    for (const call of remote.lose(error)) call.fail(error)
  })
  try {
    await remote.ready
  } catch (reason) {
    socket.destroy()
    throw reason
  }
  return Object.assign(remote, {
    closed: closed.promise,
    async [Symbol.asyncDispose]() {
      socket.end()
      await closed.promise
    },
  })
}

/**
 * Serves stations on a unix socket, which only the owner of this process may open (or on a port of this machine).
 * Disposing stops listening, cancels the calls and closes all connections; the socket's file is removed.
 */
export async function serveSocket(
  address: string | number,
  served: Pick<Served, 'stations'>,
  options: { limit?: number } = {},
): Promise<AsyncDisposable & { readonly port: number | undefined }> {
  const sides = new Set<AsyncDisposable>()
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    const side = serve(new Port(socketWire(socket, options.limit)), {
      stations: served.stations ?? [],
      onEnd: () => void sides.delete(side),
    })
    sides.add(side)
  })
  if (typeof address === 'number') server.listen(address, '127.0.0.1')
  else {
    await removeDeadSocket(address)
    listenPrivately(server, address)
  }
  await once(server, 'listening')
  const bound = server.address()
  return {
    port: bound !== null && typeof bound === 'object' ? bound.port : undefined,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      await Promise.all(Array.from(sides, (side) => side[Symbol.asyncDispose]()))
      // A stranger may never answer the end of the connection.
      for (const socket of sockets) socket.destroySoon()
      await closed
    },
  }
}

/** Binds the socket's file as one that only its owner may open: a `chmod` afterwards would come a moment too late. */
function listenPrivately(server: Server, path: string): void {
  const before = process.umask(0o177)
  try {
    server.listen(path)
  } finally {
    process.umask(before)
  }
}

/** Removes the file of a socket that nobody listens on any more. One that somebody listens on is a conflict. */
async function removeDeadSocket(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const probe = connect(path)
  try {
    await once(probe, 'connect')
  } catch (reason) {
    const { code } = reason as NodeJS.ErrnoException
    if (code === 'ECONNREFUSED') await unlink(path)
    return
  } finally {
    probe.destroy()
  }
  throw new AndonError('conflict', `Somebody listens at ${path} already: stop that one first`)
}
