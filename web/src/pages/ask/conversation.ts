// A conversation as this page has it: its questions with all versions of their answers. It lives on while other pages
// are shown, so that an answer goes on being read.

import { computed, signal } from '@preact/signals'
import type { SessionView } from '../../../../src/core/session.ts'
import type { Turn } from '../../../../src/core/question.ts'
import { ApiError, getJson } from '../../api/client.ts'
import type { AskBody } from '../../api/stream.ts'
import { asking, runningIn } from './running.ts'
import { scope } from './scope.ts'
import { reload } from './list.ts'
import { isUnderWay, ofTurn } from './telling.ts'
import { toolsOfQuestion } from './tool-switch.ts'
import { randomId, Version } from './version.ts'

/** A question and its answers. */
export class Asked {
  readonly key = randomId()
  readonly question: string
  readonly versions = signal<readonly Version[]>([])
  /** Which of them is shown. */
  readonly shown = signal(0)

  constructor(question: string, versions: readonly Version[]) {
    this.question = question
    this.versions.value = versions
    this.shown.value = versions.length - 1
  }

  /** The version that is shown. */
  readonly version = computed(() => this.versions.value[this.shown.value] ?? this.versions.value[0])

  add(version: Version): void {
    this.versions.value = [...this.versions.value, version]
    this.shown.value = this.versions.value.length - 1
  }
}

export class Conversation {
  readonly id: string
  readonly asked = signal<readonly Asked[]>([])
  readonly state = signal<'reading' | 'here' | 'gone' | ApiError>('here')
  /** Asked when the answer under way has ended. */
  readonly queued = signal<string | undefined>(undefined)

  constructor(id: string) {
    this.id = id
  }

  /** The version that is under way. */
  readonly busy = computed(() =>
    this.asked.value.flatMap(({ versions }) => versions.value).find(({ told }) => isUnderWay(told.value)),
  )

  /** Its name until the list has one. */
  readonly title = computed(() => this.asked.value[0]?.question)

  /** Asks, or queues the question behind the answer under way. */
  ask(question: string): void {
    if (this.busy.value !== undefined) {
      this.queued.value = question
      return
    }
    const version = new Version()
    this.asked.value = [...this.asked.value, new Asked(question, [version])]
    void this.#run(version, { question, ...scope.value, ...toolsOfQuestion.value })
  }

  /** Asks once more; the answers that are there stay. */
  retry(asked: Asked): void {
    const id = asked.version.value?.told.value.id
    const version = new Version()
    asked.add(version)
    const of = id === undefined ? {} : { retry_of: id }
    void this.#run(version, { question: asked.question, ...scope.value, ...toolsOfQuestion.value, ...of })
  }

  /** Takes back a question that was not asked yet. */
  withdraw(asked: Asked): void {
    for (const version of asked.versions.value) version.leave()
    this.asked.value = this.asked.value.filter((each) => each !== asked)
  }

  /** Reads it from the server. */
  async open(): Promise<void> {
    this.state.value = 'reading'
    let turns: Turn[] = []
    try {
      turns = (await getJson<SessionView>(`/v1/sessions/${encodeURIComponent(this.id)}`)).turns
    } catch (reason) {
      const missing = reason instanceof ApiError && reason.status === 404
      // One whose first question was not answered yet is not kept anywhere.
      const isNew = runningIn(this.id).length > 0 || asking() !== undefined
      if (!missing || !isNew) {
        this.state.value = missing ? 'gone' : asApiError(reason)
        return
      }
    }
    const asked = askedIn(turns)
    for (const { answer, question, retryOf } of runningIn(this.id)) {
      if (turns.some(({ answerId }) => answerId === answer)) continue
      const version = new Version()
      const first = asked.find(({ versions }) => versions.value.some(({ told }) => told.value.id === retryOf))
      if (first !== undefined && retryOf !== undefined) first.add(version)
      else asked.push(new Asked(question, [version]))
      void version.follow(answer).then(() => this.#ended())
    }
    this.asked.value = asked
    this.state.value = 'here'
  }

  async #run(version: Version, body: AskBody): Promise<void> {
    await version.ask({ ...body, session_id: this.id })
    this.#ended()
  }

  #ended(): void {
    reload()
    const next = this.queued.value
    this.queued.value = undefined
    if (next !== undefined) this.ask(next)
  }
}

const known = new Map<string, Conversation>()

/** A conversation that has no question yet. */
export function begin(): Conversation {
  const conversation = new Conversation(randomId())
  known.set(conversation.id, conversation)
  return conversation
}

/** The conversation of an id: read when the page does not have it. */
export function conversationOf(id: string): Conversation {
  const found = known.get(id)
  if (found !== undefined) {
    if (found.state.peek() instanceof ApiError || found.state.peek() === 'gone') void found.open()
    return found
  }
  const conversation = new Conversation(id)
  known.set(id, conversation)
  void conversation.open()
  return conversation
}

/** Forgets what the page knows of it: it is read again. */
export function forget(id: string): void {
  known.delete(id)
}

function askedIn(turns: readonly Turn[]): Asked[] {
  const asked: Asked[] = []
  const ofAnswer = new Map<string, Asked>()
  let question: Turn | undefined
  for (const turn of turns) {
    // What came of a program's own tools is no answer.
    if (turn.role === 'tool') continue
    if (turn.role === 'user') {
      question = turn
      continue
    }
    const version = new Version(ofTurn(turn))
    const versionOf = turn.versionOf ?? question?.versionOf
    let one = versionOf === undefined ? undefined : ofAnswer.get(versionOf)
    if (one === undefined) {
      one = new Asked(question?.text ?? '', [version])
      asked.push(one)
    } else one.add(version)
    if (turn.answerId !== undefined) ofAnswer.set(turn.answerId, one)
  }
  return asked
}

function asApiError(reason: unknown): ApiError {
  return reason instanceof ApiError ? reason : new ApiError({ status: 0, code: 'internal', detail: String(reason) })
}
