// What happened: one answer, where its time went, and what it was made from.

import { useEffect, useState } from 'preact/hooks'
import type { AnswerRecord } from '../../../../src/core/answer-record.ts'
import { clock, day, duration, langOfText, language } from '../../language.ts'
import { Icon } from '../../parts/icon.tsx'
import { Failed, useLoaded } from '../../parts/loaded.tsx'
import { Degraded, Notice } from '../../parts/notice.tsx'
import { Facts } from './facts.tsx'
import { Lanes } from './lanes.tsx'
import { Split, Summary } from './summary.tsx'
import { traceOf, type Trace } from './trace.ts'
import { t } from './words.ts'
import './answer.css'

/** How often a record that still grows is read again. */
const everyMs = 1000

/** The page of one answer. */
export function AnswerPage({ id }: { id: string }) {
  const { value, error, reload } = useLoaded<AnswerRecord>(`/v1/answers/${encodeURIComponent(id)}`)
  return (
    <main id="main" class="answer">
      {value === undefined ? (
        <>
          <h1 class="vh">{t('title')}</h1>
          {error?.status === 404 ? (
            <Notice title={t('gone')}>{t('gone.text')}</Notice>
          ) : (
            error && <Failed error={error} again={reload} />
          )}
        </>
      ) : value.state === 'running' ? (
        <Running id={id} first={value} />
      ) : (
        <Shown record={value} />
      )}
    </main>
  )
}

function Running({ id, first }: { id: string; first: AnswerRecord }) {
  const [runs, setRuns] = useState(true)
  const { value = first } = useLoaded<AnswerRecord>(`/v1/answers/${encodeURIComponent(id)}`, runs ? everyMs : undefined)
  useEffect(() => setRuns(value.state === 'running'), [value.state])
  return <Shown record={value} />
}

function Shown({ record }: { record: AnswerRecord }) {
  const trace = traceOf(record)
  const end = record.events.findLast((event) => event.type === 'answer-end')
  const degraded = record.events.flatMap((event) => (event.type === 'answer-degraded' ? [event.degradation] : []))
  const sentences = new Set((end?.degraded ?? degraded).map(({ message }) => message))
  return (
    <>
      <div class="answer-top sm">
        <a
          class="answer-back"
          href={record.sessionId === undefined ? '/' : `/s/${encodeURIComponent(record.sessionId)}`}
        >
          <Icon name="left" />
          {t('back')}
        </a>
        <span class="sec num" title={record.id}>
          {t('order', {
            id: record.id.slice(0, 8),
            day: isToday(record.startedAt) ? t('today') : day(record.startedAt),
            time: clock(record.startedAt, true),
          })}
        </span>
      </div>
      <p class="vh">{t('title')}</p>
      <h1 lang={langOfText(record.question)}>{record.question}</h1>
      <p class="lead num">{sentenceOf(record, trace)}</p>
      {[...sentences].map((message) => (
        <Degraded key={message}>
          <span lang={langOfText(message)}>{message}</span>
        </Degraded>
      ))}
      {end !== undefined && end.skipped.length > 0 && (
        <Degraded>{t('skipped', { what: end.skipped.join(', ') })}</Degraded>
      )}
      <Summary record={record} trace={trace} />
      <Split trace={trace} />
      {trace.rows.length > 0 && <Lanes record={record} trace={trace} />}
      <Facts record={record} trace={trace} />
    </>
  )
}

function sentenceOf(record: AnswerRecord, trace: Trace): string {
  const time = duration(trace.totalMs)
  const failed = trace.attempts.filter(({ outcome }) => outcome === 'failed').length
  const good = trace.attempts.find(({ outcome }) => outcome === 'ok')
  const lost =
    failed === 0
      ? []
      : [
          t('lost', { n: failed, t: duration(trace.lostMs) }),
          ...(record.state !== 'done'
            ? []
            : [good?.attempt === undefined ? t('lost.none') : t('lost.then', { n: good.attempt })]),
        ]
  return [t(record.state, { t: time, why: record.error?.message ?? '' }), ...lost].join(
    language.value === 'zh' ? '' : ' ',
  )
}

function isToday(at: number): boolean {
  return new Date(at).toDateString() === new Date().toDateString()
}
