// What the answer was made from: tries of the model, passages, tokens.

import type { AnswerRecord } from '../../../../src/core/answer-record.ts'
import { duration, number } from '../../language.ts'
import { Lamp } from '../../parts/lamp.tsx'
import { usageOf } from './summary.tsx'
import type { Trace } from './trace.ts'
import { noteText, t } from './words.ts'

/** The three panels beneath the picture. */
export function Facts({ record, trace }: { record: AnswerRecord; trace: Trace }) {
  const usage = usageOf(record)
  const { found, kept, cited, best } = trace.passages
  const score = best === undefined ? t('none') : number(best, { minimumFractionDigits: 2, maximumFractionDigits: 2 })
  return (
    <div class="answer-facts num">
      <section class="panel">
        <h2>{t('attempts')}</h2>
        {trace.attempts.length === 0 && <p class="sm sec">{t('attempts.none')}</p>}
        <ul class="answer-attempts">
          {trace.attempts.map((each) => {
            const lamp = each.outcome === 'ok' ? 'working' : each.outcome === 'failed' ? 'stopped' : 'idle'
            const note =
              each.note === undefined
                ? { text: each.outcome === 'cancelled' ? t('attempt.cancelled') : t('attempt.ok') }
                : noteText(each.note)
            return (
              <li key={each.startMs}>
                <Lamp state={lamp} size={10} />
                <b>{each.place ?? each.station}</b>
                <span>{duration(each.workMs)}</span>
                <small lang={'lang' in note ? note.lang : undefined}>{note.text}</small>
              </li>
            )
          })}
        </ul>
      </section>
      <section class="panel">
        <h2>{t('passages')}</h2>
        <dl>
          {found !== undefined && <Fact name={t('found')} value={number(found)} />}
          <Fact name={t('kept')} value={number(kept)} />
          <Fact name={t('cited')} value={number(cited)} />
          <Fact name={t('best')} value={score} />
        </dl>
      </section>
      <section class="panel">
        <h2>{t('tokens')}</h2>
        {usage === undefined ? (
          <p class="sm sec">{t('tokens.none')}</p>
        ) : (
          <dl>
            <Fact name={t('tokens.in')} value={number(usage.promptTokens)} />
            <Fact name={t('tokens.out')} value={number(usage.completionTokens)} />
          </dl>
        )}
      </section>
    </div>
  )
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  )
}
