// What the answer was made from: tries of the model, passages, tokens.

import type { AnswerRecord } from '../../../../src/core/answer-record.ts'
import { duration, langOfText, number } from '../../language.ts'
import { Lamp, type LampState } from '../../parts/lamp.tsx'
import { isKill, kindWords } from '../../parts/tool-words.ts'
import { usageOf } from './summary.tsx'
import type { ToolCall, Trace } from './trace.ts'
import { noteText, t } from './words.ts'

/** The panels beneath the picture. */
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
      {trace.calls.length > 0 && (
        <section class="panel">
          <h2>{t('station.tools')}</h2>
          <ul class="answer-attempts">
            {trace.calls.map(({ id, name, asked, result }) => (
              <li key={id}>
                <Lamp
                  state={result === undefined ? 'idle' : result.ok ? 'working' : lampOf(result.error?.kind)}
                  size={10}
                />
                <b>
                  <code>{name}</code>
                </b>
                <span>{result && duration(result.ms)}</span>
                <small>
                  {endOf(result)}
                  {result?.error && <span lang={langOfText(result.error.message)}> {result.error.message}</span>}
                  {asked && ` ${t('tool.waited')}`}
                </small>
              </li>
            ))}
          </ul>
        </section>
      )}
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

function lampOf(kind: string | undefined): LampState {
  return kind === 'denied' || kind === 'cancelled' ? 'idle' : 'stopped'
}

/** How a call ended, in a few words; its sentence stands behind. */
function endOf(result: ToolCall['result']): string {
  if (result === undefined) return t('tool.open')
  if (result.ok) return t('tool.done')
  const kind = result.error?.kind ?? 'failed'
  return isKill(kind) ? t('tool.killed', { words: kindWords(kind) }) : `${kindWords(kind)}.`
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  )
}
