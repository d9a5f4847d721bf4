// One row for each station: hatched waiting, solid working, red what failed. Beside it the same as a table, for who
// cannot see the picture.

import type { AnswerRecord } from '../../../../src/core/answer-record.ts'
import { duration } from '../../language.ts'
import { ticksOf, type Bar, type Row, type Trace } from './trace.ts'
import { noteText, placeName, stationName, t, toolOf } from './words.ts'
import './lanes.css'

/** The rows of an answer. */
export function Lanes({ record, trace }: { record: AnswerRecord; trace: Trace }) {
  const { rows, totalMs } = trace
  const first = record.firstTextMs
  return (
    <section class="panel lanes num" aria-label={t('title')}>
      <div class="lane lane-head" aria-hidden="true">
        <span>{t('station')}</span>
        <div class="track">
          {ticksOf(totalMs).map((tick) => (
            <span key={tick} class="tick" style={{ left: percent(tick, totalMs) }}>
              {tickText(tick, totalMs)}
            </span>
          ))}
        </div>
        <span class="n">{t('waiting')}</span>
        <span class="n">{t('working')}</span>
      </div>
      {rows.map((row) => (
        <Lane key={`${row.station} ${row.attempt ?? ''}`} row={row} totalMs={totalMs} first={first} />
      ))}
      <Key rows={rows} first={first} />
      <Table rows={rows} />
    </section>
  )
}

function Lane({ row, totalMs, first }: { row: Row; totalMs: number; first: number | undefined }) {
  const start = Math.min(...row.bars.map(({ startMs }) => startMs))
  const end = Math.max(...row.bars.map(({ endMs }) => endMs))
  const note = row.note === undefined ? undefined : noteText(row.note)
  // Beside the bar, where there is more room; where there is little on both sides, in the table only.
  const behind = totalMs - end
  const side = Math.max(behind, start) < totalMs * 0.2 ? undefined : behind >= start ? 'behind' : 'before'
  return (
    <div class={`lane${row.first ? ' lane-first' : ''}`} aria-hidden="true">
      <div class="lane-name">
        {nameOf(row)}
        <small>{detailOf(row)}</small>
      </div>
      <div class="track">
        {ticksOf(totalMs).map((tick) => (
          <i key={tick} class="grid" style={{ left: percent(tick, totalMs) }} />
        ))}
        {first !== undefined && <i class="first-line" style={{ left: percent(first, totalMs) }} />}
        {row.bars.map((bar) => (
          <Stretch key={bar.startMs} bar={bar} totalMs={totalMs} />
        ))}
        {row.first && first !== undefined && <Diamond left={percent(first, totalMs)} />}
        {note !== undefined && side !== undefined && (
          <span
            class={`lane-note${row.failed ? ' failed' : ''}`}
            lang={note.lang}
            style={side === 'behind' ? { left: percent(end, totalMs) } : { right: percent(totalMs - start, totalMs) }}
          >
            {note.text}
          </span>
        )}
      </div>
      <span class="n">{duration(row.waitMs)}</span>
      <span class="n">{duration(row.workMs)}</span>
    </div>
  )
}

function Stretch({ bar, totalMs }: { bar: Bar; totalMs: number }) {
  const { startMs, workMs, endMs, failed, doubted } = bar
  if (doubted)
    return (
      <svg
        class="doubted"
        viewBox="0 0 12 12"
        width="16"
        height="16"
        style={{ left: percent((workMs + endMs) / 2, totalMs) }}
      >
        <path d="M6 1.2 11.2 10.5H.8z" stroke-linejoin="round" />
      </svg>
    )
  return (
    <>
      {workMs > startMs && (
        <i class="bar-waiting" style={{ left: percent(startMs, totalMs), width: percent(workMs - startMs, totalMs) }} />
      )}
      <i
        class={failed ? 'bar-failed' : 'bar-working'}
        style={{ left: percent(workMs, totalMs), width: percent(endMs - workMs, totalMs) }}
      >
        {failed && <Cross />}
      </i>
    </>
  )
}

function Cross() {
  return (
    <svg viewBox="0 0 10 10" width="10" height="10">
      <path d="M2 2l6 6m0-6-6 6" fill="none" stroke-width="1.6" stroke-linecap="round" />
    </svg>
  )
}

function Diamond({ left }: { left?: string }) {
  return (
    <svg class="diamond" viewBox="0 0 12 12" width="12" height="12" style={left === undefined ? {} : { left }}>
      <path d="M6 1l5 5-5 5-5-5z" />
    </svg>
  )
}

/** What the shapes mean: of those that occur. */
function Key({ rows, first }: { rows: Row[]; first: number | undefined }) {
  const bars = rows.flatMap((row) => row.bars)
  return (
    <div class="lane lane-key" aria-hidden="true">
      <span />
      <p class="key">
        <span>
          <i class="bar-waiting" />
          {t('key.waiting')}
        </span>
        <span>
          <i class="bar-working" />
          {t('key.working')}
        </span>
        {bars.some(({ failed }) => failed) && (
          <span>
            <i class="bar-failed">
              <Cross />
            </i>
            {t('key.failed')}
          </span>
        )}
        {bars.some(({ doubted }) => doubted) && (
          <span>
            <svg class="doubted" viewBox="0 0 12 12" width="12" height="12">
              <path d="M6 1.2 11.2 10.5H.8z" stroke-linejoin="round" />
            </svg>
            {t('key.doubted')}
          </span>
        )}
        {first !== undefined && (
          <span>
            <Diamond />
            {t('key.first', { t: duration(first) })}
          </span>
        )}
      </p>
    </div>
  )
}

function Table({ rows }: { rows: Row[] }) {
  return (
    <div class="vh">
      <table>
        <caption>{t('table')}</caption>
        <thead>
          <tr>
            {(['station', 'place', 'start', 'waiting', 'working', 'outcome', 'note'] as const).map((name) => (
              <th key={name} scope="col">
                {t(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const note = row.note === undefined ? undefined : noteText(row.note)
            return (
              <tr key={`${row.station} ${row.attempt ?? ''}`}>
                <th scope="row">{nameOf(row)}</th>
                <td>{detailOf(row)}</td>
                <td>{duration(Math.min(...row.bars.map(({ startMs }) => startMs)))}</td>
                <td>{duration(row.waitMs)}</td>
                <td>{duration(row.workMs)}</td>
                <td>{row.failed ? t('outcome.failed') : t('ok')}</td>
                <td lang={note?.lang}>{note?.text}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

function nameOf({ station, attempt }: Row): string {
  const isFirst = attempt === undefined || (attempt === 1 && toolOf(station) !== undefined)
  return isFirst ? stationName(station) : t('attempt', { station: stationName(station), n: attempt })
}

function detailOf({ station, place, bars }: Row): string {
  if (station === 'check' || station === 'verify') return t('sentences.came', { n: bars.length })
  const named = place === undefined ? [] : [placeName(place)]
  return [...(toolOf(station) === undefined ? [] : [t('station.tool')]), ...named].join(' · ')
}

function tickText(ms: number, totalMs: number): string {
  return totalMs < 1000 ? `${ms}${ms === 0 ? ' ms' : ''}` : `${ms / 1000}${ms === 0 ? ' s' : ''}`
}

function percent(ms: number, totalMs: number): string {
  return totalMs === 0 ? '0' : `${Math.min(100, (ms / totalMs) * 100)}%`
}
