// What one large upload costs the process that takes it in: how much its memory grows, and how late its event loop is
// meanwhile. The sender is this process, the door a child of it; measured until the reply comes, when every byte is on
// disk and nothing of it was read yet. Size: --mebibytes 1024.

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createFactory } from '../src/factory.ts'
import { openGateway } from '../src/gateway/server.ts'
import { atMost, percentile, publish, round } from './harness.ts'

const mebibyte = 1024 * 1024
const maxBytes = 16 * 1024 * mebibyte

/** As the launcher starts a server. */
const nodeFlags = ['--expose-gc']

/** What the serving process says of itself. */
type Word = { port: number } | { delays: { p50: number; p99: number; max: number } }

/** The serving process: opens the door, then measures its loop between two words of its parent. */
async function serve(dataDir: string): Promise<void> {
  const loading = { maxBytes }
  const factory = await createFactory({ dataDir, handbook: false, loading })
  const gateway = await openGateway(factory, { port: 0, loading })
  const delay = monitorEventLoopDelay({ resolution: 5 })
  process.on('message', (word) => {
    if (word === 'begin') {
      delay.reset()
      delay.enable()
      return
    }
    delay.disable()
    const ms = (nanoseconds: number): number => nanoseconds / 1e6
    process.send?.({ delays: { p50: ms(delay.percentile(50)), p99: ms(delay.percentile(99)), max: ms(delay.max) } })
  })
  process.send?.({ port: gateway.port })
}

async function hear(child: ChildProcess): Promise<Word> {
  const [word] = (await once(child, 'message')) as [Word]
  return word
}

/** Resident memory of a process, in MiB; where the system does not tell, NaN. */
async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1024
}

/** Sends one file of this size as a form. Resolves with the seconds it took. */
async function upload(port: number, size: number, name: string): Promise<number> {
  const piece = Buffer.alloc(
    mebibyte,
    'An answer factory takes large documents in, and holds none of them in memory.\n',
  )
  const head = `--edge\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n`
  const tail = '\r\n--edge--\r\n'
  function* form(): Generator<Uint8Array | string> {
    yield head
    for (let left = size; left > 0; left -= piece.length) yield piece.subarray(0, Math.min(left, piece.length))
    yield tail
  }
  const began = performance.now()
  const sending = request({
    host: '127.0.0.1',
    port,
    method: 'POST',
    path: '/v1/documents',
    headers: {
      'content-type': 'multipart/form-data; boundary=edge',
      'content-length': size + head.length + tail.length,
    },
  })
  const answered = once(sending, 'response')
  await pipeline(Readable.from(form(), { objectMode: false }), sending)
  const [response] = (await answered) as [import('node:http').IncomingMessage]
  const seconds = (performance.now() - began) / 1000
  if (response.statusCode !== 202) throw new Error(`The upload was answered ${response.statusCode}`)
  response.resume()
  return seconds
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { mebibytes: { type: 'string', default: '1024' }, json: { type: 'boolean' } },
  })
  const mebibytes = Number(values.mebibytes)
  const dataDir = await mkdtemp(join(tmpdir(), 'andon-bench-'))
  const child = fork(fileURLToPath(import.meta.url), ['--serve', dataDir], { execArgv: nodeFlags })
  try {
    const opened = await hear(child)
    const { pid = 0 } = child
    if (!('port' in opened)) throw new Error('The serving process did not open its door')
    // What the first upload of any size loads is not what a large one costs.
    await upload(opened.port, 10_000, 'first.txt')
    const before = await residentMiB(pid)
    const samples: number[] = []
    const sampling = setInterval(() => void residentMiB(pid).then((mib) => samples.push(mib)), 50)
    child.send('begin')
    const seconds = await upload(opened.port, mebibytes * mebibyte, 'large.txt')
    clearInterval(sampling)
    const told = hear(child)
    child.send('end')
    const word = await told
    if (!('delays' in word)) throw new Error('The serving process did not tell of its loop')
    const { delays } = word
    const growth = Math.max(...samples) - before
    publish({
      name: 'upload',
      method: `One file of ${mebibytes} MiB is sent as a form over loopback, after one of 10 kB. Memory is the resident memory of the serving process, with its threads, read every 50 ms until the reply; its loop is looked at every 5 ms.`,
      rows: [
        {
          mebibytes,
          seconds: round(seconds),
          mebibytesPerSecond: round(mebibytes / seconds),
          residentBeforeMiB: round(before),
          residentGrowthMiB: round(growth),
          residentGrowthMedianMiB: round(percentile(samples, 0.5) - before),
          loopDelayMs: { p50: round(delays.p50), p99: round(delays.p99), max: round(delays.max) },
        },
      ],
      gates: [atMost('growth of resident memory, MiB', growth, 80)],
    })
  } finally {
    child.kill('SIGKILL')
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
}

const [word, folder] = process.argv.slice(2)
if (import.meta.main) await (word === '--serve' && folder !== undefined ? serve(folder) : main())
