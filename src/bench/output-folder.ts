// The folder of a run: requests as they end, and everything else when the run has ended.

import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { AndonError } from '../core/errors.ts'
import { reportCharts } from './report-charts.ts'
import { csv, htmlReport, markdownReport } from './report.ts'
import type { BenchResult } from './result.ts'
import type { PlacedRecord } from './run-bench.ts'
import { wholeTable } from './tables.ts'

/** An open folder. Close it: the last requests are then on disk. */
export class OutputFolder implements AsyncDisposable {
  readonly path: string
  readonly #requests: WriteStream
  #failure: Error | undefined

  private constructor(path: string, requests: WriteStream) {
    this.path = path
    this.#requests = requests
    requests.on('error', (error) => (this.#failure = error))
  }

  /** Makes the folder; one that holds a result already is left alone, and `conflict` thrown. */
  static async open(path: string): Promise<OutputFolder> {
    await mkdir(path, { recursive: true })
    try {
      const requests = createWriteStream(join(path, 'requests.jsonl'), { flags: 'wx' })
      await once(requests, 'open')
      return new OutputFolder(path, requests)
    } catch (reason) {
      if ((reason as NodeJS.ErrnoException).code === 'EEXIST')
        throw new AndonError('conflict', `${path} holds a run already: give another folder as --out.`)
      throw AndonError.from(reason)
    }
  }

  /** Writes one request as a line. Buffered: a disk is faster than the servers that are measured. */
  add(record: PlacedRecord): void {
    if (this.#failure === undefined) this.#requests.write(`${JSON.stringify(record)}\n`)
  }

  /** Writes result.json, summary.csv, report.md with its charts, and report.html. */
  async write(result: BenchResult): Promise<void> {
    if (this.#failure) throw AndonError.from(this.#failure)
    const charts = reportCharts(result)
    await mkdir(join(this.path, 'charts'), { recursive: true })
    const files: [string, string][] = [
      ['result.json', `${JSON.stringify(result, undefined, 2)}\n`],
      ['summary.csv', csv(wholeTable(result))],
      ['report.md', markdownReport(result, charts)],
      ['report.html', htmlReport(result, charts)],
      ...charts.map(({ file, svg }): [string, string] => [join('charts', file), svg]),
    ]
    await Promise.all(files.map(([name, text]) => writeFile(join(this.path, name), text)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#requests.end()
    // A failure was kept when it came, and told by `write`.
    await finished(this.#requests).catch(() => {})
  }
}
