// Figures that were worked out again: marked where they stand, both values where they differ; their sums in the badge.

import type { RecomputedFigure } from '../../../../src/core/question.ts'
import { langOfText } from '../../language.ts'
import { Lamp, type LampState } from '../../parts/lamp.tsx'
import type { Mark } from '../../parts/markdown.tsx'
import { problemWords, t } from './words.ts'
import './figures.css'

/** How a figure is shown in the text. */
export function markOf({ start, end, outcome, computed }: RecomputedFigure): Mark {
  return {
    start,
    end,
    class: `figure ${outcome}`,
    after:
      outcome === 'differs' && computed !== undefined ? (
        <span key={start} class="figure-fix">
          <span class="vh">{t('figure.is')}</span> {computed}
        </span>
      ) : undefined,
  }
}

/** The rows of the badge: each figure with its sum and what became of it. */
export function FigureRows({ figures }: { figures: readonly RecomputedFigure[] }) {
  return figures.map(({ start, said, sum, reason, outcome, computed }) => (
    <li key={`figure ${start}`}>
      <Lamp state={lamps[outcome]} />
      <span>
        {sum === undefined ? <q>{said}</q> : <code class="num">{sum}</code>}
        {reason !== undefined && (
          <span class="badge-problem" lang={langOfText(problemWords(reason))}>
            {problemWords(reason)}
          </span>
        )}
      </span>
      <span class="mut">{t(`figure.${outcome}`, { said, computed: computed ?? '' })}</span>
    </li>
  ))
}

const lamps: Record<RecomputedFigure['outcome'], LampState> = {
  agrees: 'working',
  differs: 'backed-up',
  unchecked: 'idle',
}
