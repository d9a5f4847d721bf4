// What came back of a tool that was tried: its value, or in plain words why there is none.

import { useEffect, useState } from 'preact/hooks'
import type { ToolApproval, ToolOutcome } from '../../../../src/core/tooling.ts'
import { bytes, duration, langOfText } from '../../language.ts'
import { Approval } from '../../parts/approval.tsx'
import { Json } from '../../parts/json.tsx'
import { State, type LampState } from '../../parts/lamp.tsx'
import { isKill, kindWords, placeWords } from '../../parts/tool-words.ts'
import { t } from './words.ts'

/** How far a try is. */
export type Tried =
  | { state: 'none' | 'running' | 'stopped' }
  | { state: 'came'; outcome: ToolOutcome }
  | { state: 'refused'; why: string }

/** The right half of a try; while it runs, the approvals that it waits for. */
export function Result({ tried, waiting }: { tried: Tried; waiting: readonly ToolApproval[] }) {
  switch (tried.state) {
    case 'none':
      return <p class="sm mut">{t('result.none')}</p>
    case 'running':
      return waiting.length === 0 ? (
        <p class="row">
          <State state="working">{t('result.running')}</State>
          <Elapsed />
        </p>
      ) : (
        <>
          {waiting.map((approval, index) => (
            <Approval key={approval.id} approval={approval} front={index === 0} />
          ))}
        </>
      )
    case 'stopped':
      return <State state="idle">{t('result.stopped')}</State>
    case 'refused':
      return (
        <p role="alert" lang={langOfText(tried.why)}>
          <State state="stopped">{tried.why}</State>
        </p>
      )
    case 'came':
      return <Came outcome={tried.outcome} />
  }
}

function Came({ outcome }: { outcome: ToolOutcome }) {
  const { ok, value, error, truncated } = outcome
  return (
    <>
      <p class="tools-came">
        <State state={lampOf(outcome)}>{ok ? t('result.done') : kindWords(error?.kind ?? '')}</State>
        <span class="sm sec num">{howOf(outcome)}</span>
      </p>
      {error && (
        <p class="sm" lang={langOfText(error.message)}>
          {error.message}
        </p>
      )}
      {error?.retryable && <p class="sm sec">{t('result.retry')}</p>}
      {ok && (value === undefined || value === null) && <p class="sm sec">{t('result.nothing')}</p>}
      {value !== undefined && value !== null && <Json value={value} />}
      {truncated && <p class="sm sec">{t('result.cut', { b: bytes(truncated.bytes) })}</p>}
    </>
  )
}

function lampOf({ ok, error }: ToolOutcome): LampState {
  if (ok) return 'working'
  return error?.kind === 'denied' || error?.kind === 'cancelled' || error?.kind === 'disabled' ? 'idle' : 'stopped'
}

/** `31 ms · process · waited 2 ms`. */
function howOf({ timings, place, attempt, error }: ToolOutcome): string {
  // What never ran has no time of its own.
  if (place === undefined) return ''
  const { runMs, transportMs, queueMs } = timings
  return [
    duration(runMs + transportMs),
    placeWords(place),
    ...(queueMs < 5 ? [] : [t('result.queue', { t: duration(queueMs) })]),
    ...(attempt > 1 ? [t('result.attempt', { n: attempt })] : []),
    ...(error && isKill(error.kind) ? [t('run.killed')] : []),
  ].join(' · ')
}

function Elapsed() {
  const [begin] = useState(() => performance.now())
  const [now, setNow] = useState(begin)
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 200)
    return () => clearInterval(timer)
  }, [])
  return <span class="sm sec num">{now - begin < 300 ? '' : duration(now - begin)}</span>
}
