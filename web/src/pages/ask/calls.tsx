// The tools that an answer calls: a quiet row for each, opened for what was asked and what came back; and the question
// to a person, where one has to allow it.

import { useEffect, useRef } from 'preact/hooks'
import { said } from '../../api/approvals.ts'
import { duration, langOfText, number } from '../../language.ts'
import { announce } from '../../parts/announcer.tsx'
import { Approval, titleOf } from '../../parts/approval.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Json } from '../../parts/json.tsx'
import { Lamp, type LampState } from '../../parts/lamp.tsx'
import { isKill, kindWords, t as tools } from '../../parts/tool-words.ts'
import { focusComposer } from './composer.tsx'
import { isUnderWay, openCalls, type Told, type ToldCall } from './telling.ts'
import { t } from './words.ts'
import './calls.css'

/** The rows; nothing where no tool was called. */
export function Calls({ told }: { told: Told }) {
  const { calls } = told
  if (calls.length === 0) return null
  return (
    <ul class="calls" aria-label={t('calls')}>
      {calls.map((call) => (
        <li key={call.id}>
          <Row call={call} underWay={isUnderWay(told)} />
        </li>
      ))}
    </ul>
  )
}

/** What waits for a person, oldest first: it is asked in front of everything else, and announced. */
export function Prompts({ told }: { told: Told }) {
  const place = useRef<HTMLDivElement>(null)
  const asked = openCalls(told).flatMap(({ approval }) => (approval === undefined ? [] : [approval]))
  const first = asked.find(({ id }) => said.value[id] === undefined || said.value[id]?.state === 'failed')
  useEffect(() => {
    if (first === undefined) return
    announce(`${tools('waiting')}. ${titleOf(first)}`)
    const prompt = place.current?.querySelector<HTMLElement>('.appr')
    prompt?.scrollIntoView({ block: 'nearest' })
    // Who writes goes on writing; Tab and Escape lead to it.
    const { activeElement: now } = document
    if (now === null || now === document.body || (now instanceof HTMLTextAreaElement && now.value === ''))
      prompt?.focus({ preventScroll: true })
  }, [first?.id])
  if (asked.length === 0) return null
  return (
    <div class="prompts" ref={place}>
      {asked.map((approval) => (
        <Approval key={approval.id} approval={approval} front={approval === first} onSaid={focusComposer} />
      ))}
    </div>
  )
}

/** Whether a call waits for a person's word. */
export function isAsked({ approval, result }: ToldCall): boolean {
  if (approval === undefined || result !== undefined) return false
  const now = said.value[approval.id]
  return now === undefined || now.state === 'failed'
}

function Row({ call, underWay }: { call: ToldCall; underWay: boolean }) {
  const { name, arguments: given, result } = call
  const { lamp, word } = stateOf(call, underWay)
  return (
    <details class="call">
      <summary>
        <Lamp state={lamp} size={lamp === 'backed-up' ? 11 : 9} />
        <span class="call-name">
          <code>{name}</code>
          <span class="mut ell">{shortOf(given)}</span>
        </span>
        <span class="mut num nowrap">{word}</span>
        <Icon name="down" />
      </summary>
      <div class="call-in">
        <h3 class="xs mut">{t('call.asked')}</h3>
        <Json value={plainOf(given)} />
        {result && <h3 class="xs mut">{t('call.came')}</h3>}
        {result?.error && (
          <p class="sm" lang={langOfText(result.error.message)}>
            {result.error.message}
          </p>
        )}
        {result?.value !== undefined && <Json value={result.value} />}
      </div>
    </details>
  )
}

function stateOf(call: ToldCall, underWay: boolean): { lamp: LampState; word: string } {
  const { result, done, approval } = call
  if (result?.ok) return { lamp: 'working', word: duration(result.ms) }
  if (result !== undefined) {
    const kind = result.error?.kind ?? 'failed'
    if (kind === 'denied') {
      const now = approval === undefined ? undefined : said.value[approval.id]
      const byMe = now?.state === 'said' && now.word === 'decline'
      const late = /nobody approved/.test(result.error?.message ?? '')
      return { lamp: 'idle', word: byMe ? t('call.declined.you') : late ? t('call.late') : tools('kind.denied') }
    }
    const words = kindWords(kind)
    return { lamp: kind === 'cancelled' ? 'idle' : 'stopped', word: isKill(kind) ? t('call.killed', { words }) : words }
  }
  if (!underWay) return { lamp: 'idle', word: tools('kind.cancelled') }
  if (isAsked(call)) return { lamp: 'backed-up', word: tools('waiting') }
  if (typeof done === 'number') return { lamp: 'draining', word: number(done, { style: 'percent' }) }
  return { lamp: 'draining', word: done ?? t('call.running') }
}

/** The arguments in a few words: the first text among them, or all. */
function shortOf(given: ToldCall['arguments']): string {
  const value = plainOf(given)
  if (typeof value === 'string') return value.slice(0, 120)
  const values = Object.values(value)
  const first = values.find((each) => typeof each === 'string')
  return (typeof first === 'string' ? first : values.length === 0 ? '' : JSON.stringify(value)).slice(0, 120)
}

/** Arguments that came as JSON, as what they say. */
function plainOf(given: ToldCall['arguments']): Exclude<ToldCall['arguments'], string> | string {
  if (typeof given !== 'string') return given
  try {
    const value: unknown = JSON.parse(given)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : given
  } catch {
    return given
  }
}
