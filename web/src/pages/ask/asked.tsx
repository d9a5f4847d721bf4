// One question and the version of its answer that is shown, with everything that can be done with it.

import { useEffect, useRef, useState } from 'preact/hooks'
import { clock, day, langOfText } from '../../language.ts'
import { announce } from '../../parts/announcer.tsx'
import { Button } from '../../parts/button.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Degraded } from '../../parts/notice.tsx'
import { Acts } from './acts.tsx'
import { AnswerText } from './answer-text.tsx'
import { Calls, Prompts } from './calls.tsx'
import { Badge } from './checked.tsx'
import type { Asked } from './conversation.ts'
import { Live } from './live.tsx'
import { open } from './opened.ts'
import { SourceLine } from './source.tsx'
import { isExtract, isUnderWay, type Told } from './telling.ts'
import { Broken, Hindered } from './trouble.tsx'
import type { Version } from './version.ts'
import { t } from './words.ts'

/** Quotations that are shown before more are asked for. */
const firstQuotes = 3

export interface AskedProps {
  asked: Asked
  /** Whether it is the last one. */
  isLast: boolean
  onRetry: () => void
  /** Takes the question back into the composer. */
  onWithdraw: () => void
  onAsk: (question: string) => void
}

/** A question with its answer. */
export function AskedView(props: AskedProps) {
  const { asked } = props
  const { question } = asked
  const version = asked.version.value
  const place = useRef<HTMLElement>(null)
  useEffect(() => {
    if (version === undefined || place.current === null) return undefined
    // Records are read as they come into sight.
    const seen = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) void version.fetch()
    })
    seen.observe(place.current)
    return () => seen.disconnect()
  }, [version])
  if (version === undefined) return null
  return (
    <article class="asked" ref={place}>
      <h2 class="q" lang={langOfText(question)}>
        {question}
      </h2>
      <Answer key={asked.shown.value} {...props} version={version} />
    </article>
  )
}

function Answer({ asked, version, isLast, onRetry, onWithdraw, onAsk }: AskedProps & { version: Version }) {
  const told = version.told.value
  const underWay = isUnderWay(told)
  const extract = isExtract(told)
  useEnd(told)
  if (told.phase === 'hindered' && told.hindrance)
    return <Hindered hindrance={told.hindrance} onNow={() => version.tryNow()} onCancel={onWithdraw} />
  return (
    <>
      <Less told={told} question={asked.question} extract={extract} />
      <Calls told={told} />
      {extract ? (
        <Quotes told={told} version={version} question={asked.question} />
      ) : (
        told.text !== '' && <AnswerText told={told} version={version} question={asked.question} />
      )}
      {underWay ? (
        <>
          <Prompts told={told} />
          <Live told={told} version={version} />
        </>
      ) : (
        <>
          <Broken told={told} onRetry={onRetry} />
          <Badge told={told} version={version} />
          <Beneath told={told} question={asked.question} />
          <Acts asked={asked} told={told} version={version} onRetry={onRetry} />
          {isLast && told.suggestions.length > 0 && (
            <nav class="next" aria-label={t('next')}>
              {told.suggestions.map((each) => (
                <button key={each} type="button" lang={langOfText(each)} onClick={() => onAsk(each)}>
                  <Icon name="follow" />
                  <span>{each}</span>
                </button>
              ))}
            </nav>
          )}
        </>
      )}
    </>
  )
}

/** Above the answer: that it is less than it could be, or none. */
function Less({ told, question, extract }: { told: Told; question: string; extract: boolean }) {
  const [first] = told.citations
  const nearest = first?.title ?? told.passages[0]?.passage.title
  const others = new Map(told.degraded.map((each) => [each.reason, each.message]))
  const missing = others.delete('model-missing')
  // One that was joined while it was written is as new as any.
  const { at = 0, ageMs = 0, question: other } = told.end?.cached ?? {}
  // What broke off midway is told beneath what was written.
  if (!extract && told.text !== '') {
    others.delete('model-failed')
    others.delete('model-slow')
  }
  return (
    <>
      {missing && (
        <Degraded>
          {t('degraded.model')} <a href="/settings">{t('degraded.setup')}</a>
        </Degraded>
      )}
      {(ageMs > 0 || other !== undefined) && (
        <Degraded>
          {t('degraded.cache', { when: (ageMs < 43_200_000 ? clock : day)(at) })}
          {other !== undefined && (
            <>
              {t('degraded.otherwise')} <span lang={langOfText(other)}>{other}</span>
            </>
          )}
        </Degraded>
      )}
      {[...others].map(([reason, message]) => (
        <Degraded key={reason}>
          <span lang={langOfText(message)}>{message}</span>
        </Degraded>
      ))}
      {told.end?.confidence === 'refused' && (
        <p class="refused">
          {t('refused')}
          {nearest !== undefined && (
            <>
              {' '}
              {t('nearest')}{' '}
              {first === undefined ? (
                <span lang={langOfText(nearest)}>{nearest}</span>
              ) : (
                <button
                  type="button"
                  class="link"
                  lang={langOfText(nearest)}
                  onClick={() => open({ sources: told.citations, at: 0, of: told.id ?? '', question })}
                >
                  {nearest}
                </button>
              )}
            </>
          )}
        </p>
      )}
    </>
  )
}

/** An answer that is made of quotations: serif, with an edge; the first few, then all. */
function Quotes({ told, version, question }: { told: Told; version: Version; question: string }) {
  const [all, setAll] = useState(false)
  // Each list of them shows its first few.
  const more = (told.text.match(/(?:^- .*\n?)+/gm) ?? [])
    .map((list) => list.match(/^- /gm)?.length ?? 0)
    .reduce((sum, rows) => sum + Math.max(0, rows - firstQuotes), 0)
  const isRefused = told.end?.confidence === 'refused'
  return (
    <div class={`quotes${all ? ' all' : ''}${isRefused ? ' refusing' : ''}`}>
      <AnswerText told={told} version={version} question={question} />
      {!all && more > 0 && <Button onClick={() => setAll(true)}>{t('more', { n: more })}</Button>}
    </div>
  )
}

/** The sources of an answer, beneath it. */
function Beneath({ told: { citations, id = '' }, question }: { told: Told; question: string }) {
  if (citations.length === 0) return null
  return (
    <ol class="sources-beneath answer-sources" aria-label={t('sources')}>
      {citations.map((source, at) => (
        <li key={`${source.passageId} ${source.start}`}>
          <button type="button" onClick={() => open({ sources: citations, at, of: id, question })}>
            <SourceLine source={source} number={at + 1} all={citations} />
          </button>
        </li>
      ))}
    </ol>
  )
}

/** Tells a listener when an answer that was under way has ended. */
function useEnd(told: Told): void {
  const before = useRef(told.phase)
  useEffect(() => {
    const was = before.current
    before.current = told.phase
    if (was !== 'running' || told.phase === 'running') return
    const supported = told.checked.filter((each) => each.supported).length
    const sentence = told.checked.length === 0 ? '' : t('check.done', { a: supported, b: told.checked.length })
    if (told.phase === 'done') announce(t('done', { s: sentence }).trim())
    else if (told.phase === 'stopped') announce(t('done.stopped'))
    else announce(`${t('failed')} ${told.error?.message ?? ''}`)
  }, [told.phase])
}
