// What ran: when, which tool, how it ended and why; newest first.

import { useState } from 'preact/hooks'
import type { ToolRun } from '../../../../src/core/tooling.ts'
import { ApiError, getJson } from '../../api/client.ts'
import { clock, day, duration, langOfText } from '../../language.ts'
import { Button } from '../../parts/button.tsx'
import { State, type LampState } from '../../parts/lamp.tsx'
import { Failed, type Loaded } from '../../parts/loaded.tsx'
import { addressOf } from './list.tsx'
import { t } from './words.ts'

export interface RunsReply {
  runs: ToolRun[]
}

const lamps: Record<ToolRun['outcome'], LampState> = {
  waiting: 'backed-up',
  running: 'draining',
  done: 'working',
  failed: 'stopped',
  killed: 'stopped',
  declined: 'idle',
  cancelled: 'idle',
}

/** How many are read at once. */
const page = 50

/** The newest few. */
export function NewestRuns({ loaded: { value, error, reload }, most }: { loaded: Loaded<RunsReply>; most: number }) {
  return (
    <section class="tools-runs">
      <div class="hd">
        <h2 class="grow">{t('runs')}</h2>
        {value && value.runs.length > 0 && (
          <a class="sm" href="/tools?runs=all">
            {t('runs.all')}
          </a>
        )}
      </div>
      {value === undefined ? (
        error && <Failed error={error} again={reload} />
      ) : (
        <Table runs={value.runs.slice(0, most)} />
      )}
    </section>
  )
}

/** All of them, earlier ones as they are asked for; of one tool, or of all. */
export function AllRuns({ loaded: { value, error, reload }, tool }: { loaded: Loaded<RunsReply>; tool?: string }) {
  const [older, setOlder] = useState<ToolRun[]>([])
  const [isEnd, setIsEnd] = useState(false)
  const [failed, setFailed] = useState<ApiError | undefined>()
  const first = value?.runs ?? []
  const runs = [...first, ...older.filter(({ id }) => !first.some((each) => each.id === id))]
  const last = runs.at(-1)
  const more = async (): Promise<void> => {
    if (last === undefined) return
    try {
      const only = tool === undefined ? '' : `&tool=${encodeURIComponent(tool)}`
      const path = `/v1/tools/runs?limit=${page}&before=${encodeURIComponent(last.id)}${only}`
      const reply = await getJson<RunsReply>(path)
      setOlder([...older, ...reply.runs])
      setIsEnd(reply.runs.length < page)
    } catch (reason) {
      if (reason instanceof ApiError) setFailed(reason)
    }
  }
  return (
    <>
      <h1>{tool === undefined ? t('runs') : t('runs.of', { name: tool })}</h1>
      {value === undefined ? error && <Failed error={error} again={reload} /> : <Table runs={runs} wide />}
      {failed && <Failed error={failed} />}
      {!isEnd && first.length >= page && <Button onClick={() => void more()}>{t('runs.older')}</Button>}
    </>
  )
}

function Table({ runs, wide = false }: { runs: readonly ToolRun[]; wide?: boolean }) {
  if (runs.length === 0) return <p class="sm sec">{t('runs.none')}</p>
  return (
    <ol class={`tools-ran num${wide ? ' wide' : ''}`}>
      {runs.map((run) => (
        <li key={run.id}>
          <time class="mut mono xs" title={`${day(run.at)} ${clock(run.at, true)}`}>
            {clock(run.at, wide)}
          </time>
          <div>
            <a href={addressOf(run.tool)}>
              <code>{run.tool}</code>
            </a>
            {run.message !== undefined && (
              <p class="sm sec" lang={langOfText(run.message)}>
                {run.message}
              </p>
            )}
            {run.answerId !== undefined && (
              <a class="sm" href={`/answers/${encodeURIComponent(run.answerId)}`}>
                {t('runs.answer')}
              </a>
            )}
          </div>
          <State state={lamps[run.outcome]}>{t(`run.${run.outcome}`)}</State>
          <span class="sec n">{['declined', 'running', 'waiting'].includes(run.outcome) ? '—' : duration(run.ms)}</span>
        </li>
      ))}
    </ol>
  )
}
