// A result written for people: one Markdown page beside its charts, and one HTML page that has everything in it.

import { marked } from 'marked'
import { askedFor, counted, roundsHad } from './asked.ts'
import { escaped } from './charts/index.ts'
import { failedChecks } from './failed-checks.ts'
import type { ReportChart } from './report-charts.ts'
import type { BenchResult } from './result.ts'
import { comparisonTable, milliseconds, shortTable, wholeTable, type Table } from './tables.ts'

/** The page in Markdown; its charts lie in `charts/` beside it. */
export function markdownReport(result: BenchResult, charts: readonly ReportChart[]): string {
  const pictures = charts.map(({ file, svg }) => `![${titleOf(svg)}](charts/${file})`)
  return `${words(result)}\n${pictures.join('\n\n')}\n`
}

/**
 * The page in HTML: the same words, the charts themselves, the whole table and the result as data. Nothing is loaded
 * and nothing runs; its own policy forbids both.
 */
export function htmlReport(result: BenchResult, charts: readonly ReportChart[]): string {
  const pictures = charts.map(({ svg }) => `<figure>${svg}</figure>`).join('\n')
  const whole = wholeTable(result)
  const table = `<table><thead><tr>${whole.head.map((cell) => `<th>${escaped(cell)}</th>`).join('')}</tr></thead><tbody>${whole.rows
    .map((row) => `<tr>${row.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`)
    .join('\n')}</tbody></table>`
  const data = JSON.stringify(result).replaceAll('<', '\\u003c')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>andon bench</title>
<style>
:root{color-scheme:light dark}
body{margin:0 auto;max-width:60rem;padding:24px;background:#f5f6f4;color:#161a19;font:15px/1.6 system-ui,-apple-system,"Segoe UI",sans-serif}
table{display:block;max-width:100%;overflow-x:auto;border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums}
th,td{padding:4px 12px 4px 0;border-bottom:1px solid #dfe3df;text-align:left;white-space:nowrap}
figure{margin:24px 0;overflow-x:auto}svg{max-width:100%;height:auto}
@media (prefers-color-scheme:dark){body{background:#0e1211;color:#e4e8e5}th,td{border-color:#252d2a}}
</style></head><body><main>
${marked.parse(words(result), { async: false })}
${pictures}
<h2>Every number</h2>
${table}
</main>
<script type="application/json" id="result">${data}</script>
</body></html>
`
}

/** Fields with a comma, a quote or a line end are quoted (RFC 4180). */
export function csv({ head, rows }: Table): string {
  const field = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
  return [head, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('')
}

function words(result: BenchResult): string {
  const { environment, targets, cells, objectives } = result
  const bounds = Object.entries(objectives).map(([name, bound]) => `${name} ≤ ${bound} ms`)
  const failed = failedChecks(cells).map((line) => `- ${cellText(line)}`)
  const errors = cells.flatMap((cell) =>
    cell.targets.flatMap(({ target, summary }) =>
      summary.errors.map(
        ({ error, count }) => `- ${cellText(`${cell.name}, ${target}, ${counted(count, 'request')}: ${error}`)}`,
      ),
    ),
  )
  const server = cells.flatMap((cell) =>
    cell.targets.flatMap(({ target, summary, rounds }) => {
      const said = rounds.at(-1)?.server
      return said?.ttftMeanMs === undefined
        ? []
        : [
            `- ${cell.name}, ${target}: mean time to first token ${milliseconds(summary.ttft?.mean)} here, ${milliseconds(said.ttftMeanMs)} by the server's own measure.`,
          ]
    }),
  )
  return [
    '# andon bench',
    '',
    ...(result.simulated
      ? ['**At least one target is simulated: its numbers are those of a model, not of a machine.**', '']
      : []),
    ...(result.complete ? [] : ['**The run was interrupted: these are the results until then.**', '']),
    ...(result.valid ? [] : ['**The run is invalid: a check failed, see below. Nobody wins by it.**', '']),
    ...targets.map(
      ({ name, url, model, speaks, simulated }) =>
        `- **${cellText(name)}**: ${cellText(url)}${model === undefined ? '' : `, model ${cellText(model)}`}, ${speaks === 'andon' ? 'answers of Andon' : 'OpenAI protocol'}${simulated ? ', simulated' : ''}`,
    ),
    '',
    cellText(askedFor(result)),
    '',
    `${cellText(roundsHad(result))} through all targets in turn, seed ${result.seed}, run ${cellText(result.runId)}, ${result.startedAt}. Client: Andon ${result.andon}, Node ${environment.node}, ${environment.platform}, ${environment.cores} cores of ${environment.cpu}, ${environment.memoryGiB} GiB, load ${environment.loadBefore} before.`,
    ...(bounds.length === 0
      ? []
      : ['', `Goodput counts requests with ${bounds.join(', ')}, from their scheduled time.`]),
    '',
    markdownTable(shortTable(result)),
    ...(cells.some(({ comparisons }) => comparisons.length > 0)
      ? [
          '## Compared',
          '',
          'Ratios with 95 % intervals. There is no winner where the interval contains 1, with fewer than three rounds, or where a check failed.',
          '',
          markdownTable(comparisonTable(result)),
        ]
      : []),
    ...(failed.length === 0 ? [] : ['## Failed checks', '', ...failed, '']),
    ...(errors.length === 0 ? [] : ['## Errors', '', 'The most frequent of each load and target.', '', ...errors, '']),
    ...(server.length === 0 ? [] : ['## What the servers measured', '', ...server, '']),
  ].join('\n')
}

function markdownTable({ head, rows }: Table): string {
  const line = (row: readonly string[]): string => `| ${row.map(cellText).join(' | ')} |`
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line), ''].join('\n')
}

/** Names come from the command line and from servers: they are text, not Markdown. */
function cellText(text: string): string {
  return escaped(text)
    .replace(/[\\`*_[\]|]/g, '\\$&')
    .replaceAll('\n', ' ')
}

function titleOf(svg: string): string {
  return /<title[^>]*>([^<]*)</.exec(svg)?.[1] ?? ''
}
