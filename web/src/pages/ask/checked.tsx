// The badge beneath an answer: how many sentences its sources support, one glyph each, and what is wrong with the rest.

import { Icon } from '../../parts/icon.tsx'
import { Lamp, State } from '../../parts/lamp.tsx'
import { sentenceOf } from './answer-text.tsx'
import { FigureRows } from './figures.tsx'
import { isUnderWay, type Told } from './telling.ts'
import type { Version } from './version.ts'
import { problemWords, t } from './words.ts'
import './checked.css'

/** Most glyphs that are drawn. */
const most = 40

/** The badge; nothing where no sentence was checked. */
export function Badge({ told, version }: { told: Told; version: Version }) {
  const { checked, figures } = told
  if (checked.length === 0 || isUnderWay(told)) return null
  const recomputed = figures.filter(({ outcome }) => outcome !== 'unchecked').length
  const supported = checked.filter((each) => each.supported).length
  const isWhole = supported === checked.length
  return (
    <details class="badge">
      <summary>
        <State state="working">{t('checked')}</State>
        <span class="sec num">
          {t('check.done', { a: supported, b: checked.length })}
          {recomputed > 0 && ` · ${t('check.figures', { n: recomputed })}`}
        </span>
        <span class="grow" />
        <span class="badge-glyphs" aria-hidden="true">
          {checked.slice(0, most).map((each) => (
            <Lamp key={each.start} state={each.supported ? 'working' : 'backed-up'} size={8} />
          ))}
        </span>
        <Icon name="down" />
      </summary>
      <ul class="badge-list">
        <FigureRows figures={figures} />
        {isWhole && (
          <li>
            <Lamp state="working" />
            <span>{t('check.fine')}</span>
          </li>
        )}
        {checked.map((each, index) =>
          each.supported && each.problems.length === 0 ? null : (
            <li key={each.start}>
              <Lamp state={each.supported ? 'working' : 'backed-up'} />
              <span>
                <b class="num">{t('check.sentence', { n: index + 1 })}</b> <q>{sentenceOf(told, each)}</q>
                {each.problems.map((problem) => (
                  <span key={problem} class="badge-problem">
                    {problemWords(problem)}
                  </span>
                ))}
              </span>
              {!each.supported && (
                <span class="mut nowrap">
                  {version.leftOut.value.includes(each.start) ? t('check.out') : t('check.marked')}
                </span>
              )}
            </li>
          ),
        )}
      </ul>
    </details>
  )
}
