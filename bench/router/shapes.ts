// What the processes of this benchmark tell each other: a request that is to be sent, what became of it, and the state of
// an endpoint of the fleet.

/** One request of a plan, the same for every target. Times are milliseconds. */
export interface Shot {
  /** When it is to be sent, from the beginning of the run. */
  at: number
  /** Travels in the body as `user`, so that the fleet knows it again behind any gateway. */
  id: string
  stream: boolean
  /** Tokens of a streamed answer. */
  tokens: number
  priority?: number
  /** From when it is to be sent. */
  deadlineMs?: number
  /** The client leaves so long after it was sent. */
  leaveAfterMs?: number
}

/** Where a client sends to. More than one address: the client itself picks the one with the fewest requests under way. */
export interface Door {
  urls: string[]
  headers: Record<string, string>
}

/**
 * How a request ended for its client. `done`: whole, a stream with its [DONE]; `refused`: a status that is not 200;
 * `error`: a stream that said it failed; `silent`: a stream that ended as if it were whole, without [DONE]; `broken`: the
 * connection broke; `timeout`: nothing more came; `left`: the client went away itself.
 */
export type End = 'done' | 'refused' | 'error' | 'silent' | 'broken' | 'timeout' | 'left'

/** Times are milliseconds from when the request was to be sent. */
export interface Sample {
  id: string
  stream: boolean
  priority: number | undefined
  at: number
  /** How much later than planned it was sent. */
  slipMs: number
  end: End
  status: number
  /** Until the first content of a stream, or the head of a whole answer; undefined: none came. */
  firstMs: number | undefined
  ms: number
  /** On the clock that all processes share. */
  sentAt: number
  leftAt: number | undefined
  /** What the gateway said of it, if it says such things. */
  endpoint: string | undefined
  attempts: number | undefined
  waitedMs: number | undefined
  retryAfterS: number | undefined
}

/** How an endpoint of the fleet behaves. */
export type Mode =
  | 'ok'
  /** Takes requests and says nothing, also to a health check. */
  | 'hang'
  /** 500, also to a health check. */
  | 'failing'
  /** 502 with a page of HTML, as proxies before a dead server say it. */
  | 'html'
  /** 429 with Retry-After; its health is fine. */
  | 'busy'
  /** 200, then a frame that holds an error. */
  | 'error-frame'
  /** 200 and headers, then nothing. */
  | 'silent'
  /** 200, then a frame that is no JSON. */
  | 'malformed'
  /** 200, and an end without a word. */
  | 'empty'
  /** The connection breaks after `cutAfter` tokens. */
  | 'cut'

export interface EndpointSettings {
  mode: Mode
  /** Requests at once; others wait in line. */
  slots: number
  /** Mean of a whole answer, or until the first token of a stream; 0: at once. */
  meanMs: number
  /** Of the lognormal distribution; 0: always the mean. */
  sigma: number
  /** Times the mean. */
  slow: number
  itlMs: number
  cutAfter: number
  retryAfterS: number
}

export interface Noted {
  id: string
  at: number
}

export interface EndpointState {
  url: string
  /** Requests that arrived, without health checks. */
  arrived: number
  checks: number
  /** Whose client left before the end. */
  aborted: number
  /** Arrived and not over. */
  open: number
  mostOpen: number
  /** Integral of `open` over time, in milliseconds. */
  openMs: number
  /** When requests arrived, when their client left, and when they were over without that, on the shared clock. */
  arrivals: Noted[]
  lefts: Noted[]
  overs: Noted[]
}
