// The five numbers of an answer, and its time in three parts.

import type { AnswerRecord } from '../../../../src/core/answer-record.ts'
import { duration, number } from '../../language.ts'
import type { Trace } from './trace.ts'
import { t } from './words.ts'

/** Numbers with their units; a dash where there is none. */
export function Summary({ record, trace }: { record: AnswerRecord; trace: Trace }) {
  const usage = usageOf(record)
  const writing = trace.attempts.findLast(({ outcome }) => outcome === 'ok')
  const writingMs = writing === undefined ? 0 : writing.workMs - (writing.firstTextMs ?? 0)
  const rate = usage && writingMs > 50 ? Math.round((usage.completionTokens * 1000) / writingMs) : undefined
  const { checked } = trace
  return (
    <dl class="answer-sum num">
      <Figure name={t('whole')} value={duration(trace.totalMs)} />
      <Figure name={t('first')} value={record.firstTextMs === undefined ? t('none') : duration(record.firstTextMs)} />
      <Figure
        name={t('tokens')}
        value={usage ? number(usage.promptTokens) : t('none')}
        more={usage && (usage.estimated ? `${t('in')}, ${t('estimated')}` : t('in'))}
      />
      <Figure
        name={t('tokens')}
        value={usage ? number(usage.completionTokens) : t('none')}
        more={usage && (rate === undefined ? t('out') : t('out.rate', { n: rate }))}
      />
      <Figure
        name={t('checked')}
        value={checked.all === 0 ? t('none') : t('checked.of', { a: checked.supported, b: checked.all })}
        more={checked.all === 0 ? undefined : t('sentences', { n: checked.all })}
      />
    </dl>
  )
}

/** What the model counted, or what was estimated for it. */
export function usageOf({ events }: AnswerRecord) {
  return (
    events.findLast((event) => event.type === 'usage')?.usage ??
    events.findLast((event) => event.type === 'answer-end')?.usage
  )
}

function Figure({ name, value, more }: { name: string; value: string; more?: string | undefined }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value} <small>{more}</small>
      </dd>
    </div>
  )
}

/** The bar of waiting, lost and working. What is too narrow for its words has them beneath. */
export function Split({ trace: { totalMs, waitingMs, lostMs, workingMs } }: { trace: Trace }) {
  if (totalMs === 0) return null
  const parts = [
    { class: 'waiting', name: t('waiting'), ms: waitingMs },
    { class: 'lost', name: t('lostTime'), ms: lostMs },
    { class: 'working', name: t('working'), ms: workingMs },
  ].filter(({ ms }) => ms > 0)
  // Words have no place on the hatching, nor on what is narrow.
  const beneath = parts.filter(({ class: kind, ms }) => kind === 'waiting' || ms / totalMs < 0.15)
  return (
    <>
      <div
        class="answer-split num"
        role="img"
        aria-label={t('split', { a: duration(waitingMs), b: duration(lostMs), c: duration(workingMs) })}
      >
        {parts.map(({ class: kind, name, ms }) => (
          <span key={kind} class={kind} style={{ flexGrow: ms }}>
            {!beneath.some((each) => each.class === kind) && `${name} ${duration(ms)}`}
          </span>
        ))}
      </div>
      <p class="answer-beneath xs sec num" aria-hidden="true">
        {beneath.map(({ name, ms }) => `${name} ${duration(ms)}`).join(' · ')}
      </p>
    </>
  )
}
