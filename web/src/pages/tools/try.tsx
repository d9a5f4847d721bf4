// A tool tried by hand: a form made from its schema, or its arguments as JSON; what came back, where it ran, how long.

import { useEffect, useRef, useState } from 'preact/hooks'
import type { ToolApproval, ToolOutcome, ToolView } from '../../../../src/core/tooling.ts'
import { ApiError, sendJson } from '../../api/client.ts'
import { announce } from '../../parts/announcer.tsx'
import { Button } from '../../parts/button.tsx'
import { FieldOf } from './field.tsx'
import { argumentsIn, argumentsOf, fieldsOf, type Filled } from './form.ts'
import { Result, type Tried } from './result.tsx'
import { t } from './words.ts'

/** The try. What is written in it is kept while the tool is shown. */
export function Try({ tool, waiting, onRun }: { tool: ToolView; waiting: readonly ToolApproval[]; onRun: () => void }) {
  const fields = fieldsOf(tool.input)
  const initial = Object.fromEntries((fields ?? []).map(({ name, initial }) => [name, initial]))
  const [filled, setFilled] = useState<Filled>(initial)
  const [json, setJson] = useState<string | undefined>(fields === undefined ? '{}' : undefined)
  const [problem, setProblem] = useState<{ field: string; problem: string } | undefined>()
  const [tried, setTried] = useState<Tried>({ state: 'none' })
  const form = useRef<HTMLFormElement>(null)
  const leaving = useRef<AbortController>(undefined)
  useEffect(() => () => leaving.current?.abort(), [])

  const run = async (): Promise<void> => {
    if (tried.state === 'running') return
    const read = json === undefined ? argumentsOf(fields ?? [], filled) : argumentsIn(json)
    if ('problem' in read) {
      setProblem(read)
      const named = form.current?.elements.namedItem(`arg-${read.field}`)
      if (named instanceof HTMLElement) named.focus()
      return
    }
    setProblem(undefined)
    const stopping = new AbortController()
    leaving.current = stopping
    setTried({ state: 'running' })
    try {
      const path = `/v1/tools/${encodeURIComponent(tool.name)}/call`
      const options = { signal: stopping.signal }
      const outcome = await sendJson<ToolOutcome>('POST', path, { arguments: read.arguments }, options)
      setTried({ state: 'came', outcome })
      announce(outcome.ok ? t('result.done') : (outcome.error?.message ?? ''))
    } catch (reason) {
      if (stopping.signal.aborted) setTried({ state: 'stopped' })
      else setTried({ state: 'refused', why: reason instanceof ApiError ? reason.detail : String(reason) })
    }
    onRun()
  }

  return (
    <section>
      <h2>{t('try')}</h2>
      <div class="tools-two">
        <form
          ref={form}
          class="tools-try"
          onSubmit={(event) => {
            event.preventDefault()
            void run()
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.isComposing) return
            event.preventDefault()
            void run()
          }}
        >
          {json === undefined ? (
            (fields ?? []).map((field) => (
              <FieldOf
                key={field.name}
                field={field}
                value={filled[field.name] ?? ''}
                problem={problem?.field === field.name ? problem.problem : undefined}
                onInput={(value) => setFilled({ ...filled, [field.name]: value })}
              />
            ))
          ) : (
            <FieldOf
              field={{ name: '', kind: 'json', required: false, values: [], initial: '' }}
              label={t('try.arguments')}
              value={json}
              problem={problem?.problem}
              onInput={setJson}
            />
          )}
          {fields?.length === 0 && json === undefined && <p class="sm sec">{t('takes.nothing')}</p>}
          <div class="row tools-try-acts">
            {tried.state === 'running' ? (
              <Button icon="stop" onClick={() => leaving.current?.abort()}>
                {t('stop')}
              </Button>
            ) : (
              <Button kind="primary" submit disabled={!tool.enabled}>
                {t('run')}
              </Button>
            )}
            <span class="xs mut tools-try-keys" aria-hidden="true">
              <kbd>Ctrl</kbd> <kbd>↵</kbd>
            </span>
            <span class="grow" />
            {fields !== undefined && (
              <button
                type="button"
                class="link sm"
                onClick={() => {
                  setProblem(undefined)
                  setJson(json === undefined ? jsonOf(argumentsOf(fields, filled)) : undefined)
                }}
              >
                {json === undefined ? t('try.json') : t('try.form')}
              </button>
            )}
          </div>
          {!tool.enabled && <p class="xs mut">{t('result.off')}</p>}
        </form>
        <div class="tools-result">
          <Result tried={tried} waiting={waiting} />
        </div>
      </div>
    </section>
  )
}

function jsonOf(read: ReturnType<typeof argumentsOf>): string {
  return JSON.stringify('problem' in read ? {} : read.arguments, null, 2)
}
