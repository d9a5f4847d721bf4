// One WebSocket: several answers at once, each under the name that its client gave it, sent no faster than they are
// taken. When the socket closes, what is not resumable is cancelled.

import type { WebSocket } from 'ws'
import { AndonError } from '../core/errors.ts'
import type { Caller } from '../core/factory.ts'
import type { NumberedEvent } from '../core/answer-record.ts'
import { numbered } from './answer-lines.ts'
import { questionOf } from './ask-question.ts'
import type { Door, Principal } from './door.ts'
import { problemOf, toShow } from './errors.ts'
import { beginLasting } from './lasting-answer.ts'
import { checked } from './schemas.ts'
import { messageIn, type MessageIn, type MessageOut } from './socket-messages.ts'

/** Answers that one socket streams at once. */
const mostAtOnce = 16
/** Unsent bytes from which on a socket is waited for. */
const fullBytes = 256 * 1024

/** What is refused to who was let in before: the key was revoked, the token has expired (RFC 6455: policy violation). */
const noLonger = 1008

export interface SocketVisitor {
  /** Who it is by now. Throws what a new request would be refused with. */
  identify(): Promise<Principal>
  /** Counts a question like a request. Throws `overloaded` when there were too many. */
  count(): void
  /** Its signal ends with the socket. */
  caller: Caller
  /** For the log. */
  requestId: string
}

/** What a socket needs of the door. */
type TalkDoor = Pick<Door, 'factory' | 'admission'>

export class SocketTalk {
  readonly #socket: WebSocket
  readonly #door: TalkDoor
  readonly #visitor: SocketVisitor
  readonly #left = new AbortController()
  /** What is under way, by the client's names; with the id of its answer, once that is known. */
  readonly #streams = new Map<string, { answerId: string | undefined; end: AbortController }>()

  constructor(socket: WebSocket, door: TalkDoor, visitor: SocketVisitor) {
    this.#socket = socket
    this.#door = door
    this.#visitor = visitor
    socket.on('message', (data, isBinary) => void this.#hear(isBinary ? undefined : textOf(data)))
    socket.on('close', () => this.#left.abort(new AndonError('cancelled', 'The caller closed the connection.')))
  }

  /** Whether nothing is under way. */
  get idle(): boolean {
    return this.#streams.size === 0
  }

  /** Ends what is under way; each is told why. */
  end(reason: AndonError): void {
    for (const { end } of this.#streams.values()) end.abort(reason)
  }

  /** Called whenever something has ended. */
  onIdle: () => void = () => {}

  async #hear(text: string | undefined): Promise<void> {
    let ref: string | undefined
    try {
      const value: unknown = parsed(text)
      ref = refOf(value)
      const message = checked(messageIn, value, 'The message')
      const principal = await this.#identify()
      if (message.type === 'stop') return await this.#stop(message)
      await this.#stream(message, principal)
    } catch (reason) {
      await this.#fail(ref, reason)
    }
  }

  /** Looks who it is with every message. Who is let in no longer is shown out. */
  async #identify(): Promise<Principal> {
    try {
      return await this.#visitor.identify()
    } catch (reason) {
      const { code, sentence } = AndonError.from(reason)
      if (code === 'unauthenticated' || code === 'forbidden') this.#socket.close(noLonger, closingWords(sentence))
      throw reason
    }
  }

  async #stream(message: Exclude<MessageIn, { type: 'stop' }>, principal: Principal): Promise<void> {
    const { ref } = message
    if (this.#streams.has(ref))
      throw new AndonError('conflict', `Something is under way as ${JSON.stringify(ref)}: give each its own ref.`)
    if (this.#streams.size >= mostAtOnce)
      throw new AndonError('overloaded', `This connection has ${mostAtOnce} answers under way, which is the most.`, {
        retryAfterMs: 1000,
      })
    const stream = { answerId: undefined as string | undefined, end: new AbortController() }
    this.#streams.set(ref, stream)
    try {
      const caller = {
        ...this.#visitor.caller,
        signal: AbortSignal.any([this.#left.signal, stream.end.signal]),
      }
      const events = message.type === 'ask' ? this.#ask(message, principal, caller) : this.#follow(message, caller)
      for await (const event of events) {
        if (event.event.type === 'answer-start') stream.answerId = event.event.id
        await this.#send({ ref, ...event })
      }
    } finally {
      this.#streams.delete(ref)
      this.onIdle()
    }
  }

  async *#ask(
    message: MessageIn & { type: 'ask' },
    principal: Principal,
    caller: Caller & { signal: AbortSignal },
  ): AsyncGenerator<NumberedEvent> {
    const question = questionOf(message)
    this.#visitor.count()
    const permit = await this.#door.admission.enter('question', principal, caller.signal)
    if (question.resumable) {
      const { id } = await beginLasting(this.#door, question, permit, caller)
      yield* this.#door.factory.follow(id, {}, caller)
      return
    }
    using _place = permit
    const events = this.#door.factory.ask(question, caller)[Symbol.asyncIterator]()
    yield* numbered(await events.next(), events)
  }

  #follow({ answer, after = 0 }: MessageIn & { type: 'follow' }, caller: Caller): AsyncIterable<NumberedEvent> {
    return this.#door.factory.follow(answer, { after }, caller)
  }

  async #stop({ ref, answer }: MessageIn & { type: 'stop' }): Promise<void> {
    const answerId = answer ?? (ref === undefined ? undefined : this.#streams.get(ref)?.answerId)
    const { signal: _, ...caller } = this.#visitor.caller
    const stopped = answerId === undefined ? false : await this.#door.factory.stop(answerId, caller)
    await this.#reply({
      ...(ref === undefined ? {} : { ref }),
      ...(answer === undefined ? {} : { answer }),
      stopped,
    })
  }

  async #fail(ref: string | undefined, reason: unknown): Promise<void> {
    const { requestId } = this.#visitor
    const error = problemOf(toShow(reason, requestId), requestId)
    await this.#reply({ ...(ref === undefined ? {} : { ref }), error })
  }

  /** Answers a message. Who does not take the answers is not listened to meanwhile. */
  async #reply(message: MessageOut): Promise<void> {
    if (this.#socket.bufferedAmount < fullBytes) return await this.#send(message)
    this.#socket.pause()
    await this.#send(message)
    this.#socket.resume()
  }

  /** Resolves when there is room for more. */
  async #send(message: MessageOut): Promise<void> {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    const data = JSON.stringify(message)
    if (this.#socket.bufferedAmount < fullBytes) this.#socket.send(data)
    else await new Promise<void>((resolve) => this.#socket.send(data, () => resolve()))
  }
}

/** A closing frame has room for 123 bytes. */
function closingWords(sentence: string): string {
  return Buffer.from(sentence)
    .subarray(0, 120)
    .toString('utf8')
    .replace(/\uFFFD.*$/, '')
}

function parsed(text: string | undefined): unknown {
  if (text === undefined) throw new AndonError('invalid', 'The message is binary: send JSON as text.')
  try {
    return JSON.parse(text)
  } catch (reason) {
    throw new AndonError('invalid', 'The message is not valid JSON.', { cause: reason })
  }
}

/** The client's name in a message, as far as it can be read: an error about it says which one it is about. */
function refOf(value: unknown): string | undefined {
  const ref: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'ref') : undefined
  return typeof ref === 'string' && ref.length <= 200 ? ref : undefined
}

function textOf(data: Buffer | ArrayBuffer | Buffer[]): string {
  return (Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer)).toString('utf8')
}
