// One tool: what it is and how it does, what it takes and gives, a try, and what it may do.

import type { ToolApproval, ToolView } from '../../../../src/core/tooling.ts'
import { duration } from '../../language.ts'
import { Icon } from '../../parts/icon.tsx'
import { State } from '../../parts/lamp.tsx'
import { Degraded } from '../../parts/notice.tsx'
import { aboutTool } from '../../parts/tool-words.ts'
import { lamps } from './groups.ts'
import { May } from './may.tsx'
import { rowsOf, type Schema } from './schema.ts'
import { Try } from './try.tsx'
import { t, toldBy } from './words.ts'

export interface ToolProps {
  tool: ToolView
  /** Approvals that a try of it waits for. */
  waiting: readonly ToolApproval[]
  /** Whether the caller may change what it may do. */
  mayChange: boolean
  onChanged: (tool: ToolView) => void
  /** A run began or ended. */
  onRun: () => void
}

/** With fewer runs that went well, their median is no news. */
const fewRuns = 5

/** The tool in the middle. */
export function Tool({ tool, waiting, mayChange, onChanged, onRun }: ToolProps) {
  const { name, stats, reason } = tool
  const state = tool.enabled ? tool.state : 'off'
  const about = aboutTool(tool)
  const why = reason === undefined ? undefined : toldBy(reason)
  const told = [
    t('stats', { n: stats.runs }),
    // Of a few runs, each stands among the runs.
    ...(stats.p50Ms === undefined || stats.runs - stats.failed - stats.killed < fewRuns
      ? []
      : [t('stats.median', { t: duration(stats.p50Ms) })]),
    t('stats.killed', { n: stats.killed }),
  ]
  return (
    <>
      <a class="tools-back sm" href="/tools">
        <Icon name="left" />
        {t('back')}
      </a>
      <header class="tools-head">
        <h1>{name}</h1>
        <State state={lamps[state]}>{t(`state.${state}`)}</State>
        <span class="grow" />
        <span class="sm sec num">{told.join(' · ')}</span>
      </header>
      <p class="sec tools-about" lang={about.lang}>
        {about.text}
      </p>
      {why && (
        <Degraded>
          <span lang={why.lang}>{why.text}</span>
        </Degraded>
      )}
      <section>
        <h2>{t('shape')}</h2>
        <div class="tools-two">
          <div>
            <h3 class="xs mut">{t('takes')}</h3>
            <Rows schema={tool.input} none={t('takes.nothing')} />
          </div>
          <div>
            <h3 class="xs mut">{t('gives')}</h3>
            <Rows schema={tool.output} none={t('gives.untold')} />
          </div>
        </div>
      </section>
      <Try tool={tool} waiting={waiting} onRun={onRun} />
      <May tool={tool} mayChange={mayChange} onChanged={onChanged} />
    </>
  )
}

function Rows({ schema, none }: { schema: Schema | undefined; none: string }) {
  const rows = rowsOf(schema)
  if (rows.length === 0) return <p class="sm sec">{none}</p>
  return (
    <dl class="tools-shape">
      {rows.map((row, index) => (
        <div key={index} class={`depth-${row.depth}`}>
          <dt>{row.name}</dt>
          <dd>
            <span class="sec">{row.type}</span>
            {row.example !== undefined && <span>{row.example}</span>}
            {row.about !== undefined && (
              <small lang={toldBy(row.about).lang} class="mut">
                {row.about}
              </small>
            )}
          </dd>
        </div>
      ))}
    </dl>
  )
}
