// Server-sent events out of a response: the wire format of the HTML standard, and a watch over a line that went silent.

export interface SentEvent {
  id: string | undefined
  event: string
  data: string
}

/** Nothing came for too long: not even the comment that says the line is alive. */
export class Silence extends Error {
  override readonly name = 'Silence'
}

/** The events of a response as they come. Throws {@link Silence} when nothing at all comes for `silenceMs`. */
export async function* eventsIn(response: Response, silenceMs = 30_000): AsyncGenerator<SentEvent, void> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  if (reader === undefined) return
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await orSilence(reader.read(), silenceMs)
      if (done) return
      rest += value
      const blocks = rest.split(/\r?\n\r?\n/)
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const event = eventOf(block)
        if (event !== undefined) yield event
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

function eventOf(block: string): SentEvent | undefined {
  let id: string | undefined
  let event = 'message'
  const data: string[] = []
  for (const row of block.split(/\r?\n/)) {
    const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(row) ?? []
    if (field === 'data') data.push(value)
    else if (field === 'event') event = value
    else if (field === 'id') id = value
  }
  return data.length === 0 ? undefined : { id, event, data: data.join('\n') }
}

async function orSilence<Value>(promise: Promise<Value>, ms: number): Promise<Value> {
  const { promise: silence, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Silence(`Nothing came for ${ms} ms.`)), ms)
  try {
    return await Promise.race([promise, silence])
  } finally {
    clearTimeout(timer)
  }
}
