// The Tools page: which tools there are and how each is, one of them to look into and to try, what waits for a word, and
// what ran.

import { useEffect, useState } from 'preact/hooks'
import type { ToolApproval, ToolView } from '../../../../src/core/tooling.ts'
import { said } from '../../api/approvals.ts'
import { Approval } from '../../parts/approval.tsx'
import { Failed, useLoaded } from '../../parts/loaded.tsx'
import { Notice } from '../../parts/notice.tsx'
import { query } from '../../router.ts'
import { AddTool } from './add.tsx'
import { groupsOf } from './groups.ts'
import { List } from './list.tsx'
import { AllRuns, NewestRuns, type RunsReply } from './runs.tsx'
import { Tool } from './tool.tsx'
import { t } from './words.ts'
import './tools.css'

/** How often things are read again while they are looked at. */
const toolsMs = 5000
const approvalsMs = 2000
const runsMs = 3000

/** Runs that stand on the right. */
const newest = 8

/** The Tools page. */
export function ToolsPage({ name }: { name: string | undefined }) {
  const [adding, setAdding] = useState(false)
  const tools = useLoaded<{ tools: ToolView[] }>('/v1/tools', toolsMs)
  const { value: me } = useLoaded<{ scopes: string[] }>('/v1/me')
  const runs = useLoaded<RunsReply>('/v1/tools/runs?limit=50', runsMs)
  const approvals = useLoaded<{ approvals: ToolApproval[] }>('/v1/approvals', approvalsMs)
  // What was changed here is shown at once.
  const [changed, setChanged] = useState<ToolView | undefined>()
  useEffect(() => setChanged(undefined), [tools.value])
  const list = tools.value?.tools.map((each) => (each.name === changed?.name ? changed : each))
  const showsRuns = name === undefined && query.value.get('runs') === 'all'
  const shown = name ?? (showsRuns ? undefined : groupsOf(list ?? [])[0]?.tools[0]?.name)
  const tool = list?.find((each) => each.name === shown)
  // Without a list there is only the middle to say so.
  const isOpen = name !== undefined || showsRuns || (list ?? []).length === 0
  const waiting = (approvals.value?.approvals ?? []).filter(({ id }) => said.value[id]?.state !== 'gone')
  const ofTry = waiting.filter((each) => each.tool === shown && each.answerId === undefined)
  const again = (): void => {
    tools.reload()
    runs.reload()
    approvals.reload()
  }
  return (
    <main id="main" class={`tools${isOpen ? ' open' : ''}`}>
      <h1 class="vh">{t('list')}</h1>
      {list !== undefined && (
        <List tools={list} current={showsRuns ? undefined : shown} onAdd={() => setAdding(true)} />
      )}
      <div class="tools-mid">
        {list === undefined && tools.error && <Failed error={tools.error} again={tools.reload} />}
        {list?.length === 0 && <Notice title={t('none')}>{t('none.text')}</Notice>}
        {showsRuns && <AllRuns loaded={runs} />}
        {list !== undefined && list.length > 0 && tool === undefined && !showsRuns && (
          <Notice title={t('gone')}>{t('gone.text')}</Notice>
        )}
        {tool && (
          <Tool
            key={tool.name}
            tool={tool}
            waiting={ofTry}
            mayChange={me?.scopes.includes('admin') ?? false}
            onChanged={(next) => {
              setChanged(next)
              tools.reload()
            }}
            onRun={again}
          />
        )}
      </div>
      {list !== undefined && (
        <aside class="tools-side" aria-label={t('runs')}>
          <Waiting approvals={waiting.filter((each) => !ofTry.includes(each))} />
          {!showsRuns && <NewestRuns loaded={runs} most={newest} />}
        </aside>
      )}
      {adding && <AddTool onClose={() => setAdding(false)} />}
    </main>
  )
}

function Waiting({ approvals }: { approvals: readonly ToolApproval[] }) {
  if (approvals.length === 0) return null
  return (
    <section class="tools-waiting">
      <h2 class="xs mut tools-asked">{t('waiting')}</h2>
      {approvals.map((approval) => (
        <Approval key={approval.id} approval={approval} order />
      ))}
      <p class="xs mut">{t('waiting.what')}</p>
    </section>
  )
}
