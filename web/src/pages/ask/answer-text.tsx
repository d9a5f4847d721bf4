// The text of an answer: citations as buttons, sentences without support marked where they stand, with what to do
// about them beneath their paragraph.

import { useState } from 'preact/hooks'
import type { Citation, Found } from '../../../../src/core/question.ts'
import { ApiError, sendJson } from '../../api/client.ts'
import { langOfText } from '../../language.ts'
import { Lamp } from '../../parts/lamp.tsx'
import { Markdown } from '../../parts/markdown.tsx'
import { markOf } from './figures.tsx'
import { open, opened } from './opened.ts'
import { SourceLine } from './source.tsx'
import { closed } from './so-far.ts'
import { isUnderWay, type Checked, type Told } from './telling.ts'
import type { Version } from './version.ts'
import { t } from './words.ts'
import './answer-text.css'

/** The text so far. */
export function AnswerText({ told, version, question }: { told: Told; version: Version; question: string }) {
  const leftOut = version.leftOut.value
  const doubted = told.checked.filter(({ supported }) => !supported)
  const gone = doubted.filter(({ start }) => leftOut.includes(start))
  const figures = told.figures.filter((each) => !gone.some(({ start, end }) => each.start >= start && each.end <= end))
  const of = told.id ?? ''
  return (
    <div lang={langOfText(told.text)}>
      <Markdown
        text={isUnderWay(told) ? closed(told.text) : told.text}
        citation={(marker, key) => {
          const source = told.citations[marker - 1]
          return source === undefined ? null : (
            <Cite key={key} marker={marker} sources={told.citations} of={of} question={question} />
          )
        }}
        marks={[
          ...doubted.map(({ start, end }) => ({ start, end, class: leftOut.includes(start) ? 'left-out' : 'unsup' })),
          ...figures.map(markOf),
        ]}
        behind={(start, end) => {
          const here = doubted.filter((each) => each.start >= start && each.start < end)
          return here.map((each) => (
            <Note
              key={each.start}
              sentence={sentenceOf(told, each)}
              named={here.length > 1}
              isOut={leftOut.includes(each.start)}
              toggle={() =>
                (version.leftOut.value = leftOut.includes(each.start)
                  ? leftOut.filter((other) => other !== each.start)
                  : [...leftOut, each.start])
              }
            />
          ))
        }}
      />
    </div>
  )
}

/** The number of a source; it opens the passage. */
export function Cite({
  marker,
  sources,
  of,
  question,
}: {
  marker: number
  sources: readonly Citation[]
  of: string
  question: string
}) {
  const now = opened.value
  const isOpen = now?.of === of && now.at === marker - 1
  return (
    <button
      type="button"
      class="cite"
      data-cite={`${of}.${marker}`}
      aria-label={t('source.n', { n: marker })}
      aria-expanded={isOpen}
      onClick={() => open({ sources, at: marker - 1, of, question })}
    >
      {marker}
    </button>
  )
}

/** The words of a sentence, without its citations. */
export function sentenceOf({ text }: Pick<Told, 'text'>, { start, end }: Pick<Checked, 'start' | 'end'>): string {
  return text
    .slice(start, end)
    .replaceAll(/\s?\[\d+\]/g, '')
    .replaceAll(/[*_`]/g, '')
    .trim()
}

function Note({
  sentence,
  named,
  isOut,
  toggle,
}: {
  sentence: string
  /** Whether it says which sentence it is about: there are several. */
  named: boolean
  isOut: boolean
  toggle: () => void
}) {
  const [found, setFound] = useState<Found[] | ApiError | 'searching' | undefined>()
  const search = (): void => {
    setFound('searching')
    sendJson<{ found: Found[] }>('POST', '/v1/search', { text: sentence.slice(0, 2000), k: 3 }).then(
      (reply) => setFound(reply.found),
      (reason: unknown) =>
        setFound(
          reason instanceof ApiError ? reason : new ApiError({ status: 0, code: 'internal', detail: String(reason) }),
        ),
    )
  }
  return (
    <div class="doubt">
      <div class="note">
        <Lamp state="backed-up" size={11} />
        <span>
          {isOut ? t('check.left') : t('check.none')}
          {(named || isOut) && <q class="mut">{sentence.length > 48 ? `${sentence.slice(0, 48)}…` : sentence}</q>}
        </span>
        <span class="doubt-acts">
          {!isOut && (
            <button type="button" class="link" onClick={search} disabled={found === 'searching'}>
              {t('check.search')}
            </button>
          )}
          <button type="button" class="link" onClick={toggle}>
            {isOut ? t('check.back') : t('check.leave')}
          </button>
        </span>
      </div>
      <div role="status">
        {found !== undefined && found !== 'searching' && !isOut && <Nearest found={found} sentence={sentence} />}
      </div>
    </div>
  )
}

function Nearest({ found, sentence }: { found: Found[] | ApiError; sentence: string }) {
  if (found instanceof ApiError) return <p class="sm sec">{found.detail}</p>
  if (found.length === 0) return <p class="sm sec">{t('check.nothing')}</p>
  const sources = found.map(({ passage }) => citationOf(passage))
  return (
    <>
      <p class="xs mut">{t('check.found')}</p>
      <ol class="sources-beneath">
        {sources.map((source, at) => (
          <li key={source.passageId}>
            <button type="button" onClick={() => open({ sources, at, of: sentence, question: sentence })}>
              <SourceLine source={source} number={at + 1} all={sources} />
            </button>
          </li>
        ))}
      </ol>
    </>
  )
}

function citationOf(passage: Found['passage']): Citation {
  const { id, documentId, documentName, title, headings, page, start, end, text } = passage
  return {
    passageId: id,
    documentId,
    documentName,
    title,
    headings,
    ...(page === undefined ? {} : { page }),
    start,
    end,
    quote: text,
  }
}
