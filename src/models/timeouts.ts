// How long a model server may take for each step, in milliseconds, with the reason beside the number.
// A call's own deadline is always obeyed too, whichever comes first.

export const timeouts = {
  /** A server on this machine or in this region accepts within milliseconds; five seconds is a lost SYN and its repeats. */
  connect: 5_000,
  /** A long prompt on a CPU, or a server that loads its model on the first request, takes tens of seconds. */
  firstToken: 60_000,
  /** A model that has begun says something at least every second; pings count as something. */
  idle: 20_000,
  /** One batch of passages on a CPU; a batch that takes longer is cut in half. */
  embed: 60_000,
  /** One batch of passages; search waits for it. */
  rerank: 10_000,
  /** The body of an error, which some servers never finish. */
  errorBody: 2_000,
  /** After the last event, for the end of the body, so that the connection can be used again. */
  settle: 1_000,
} as const

/** Waiting between attempts that may succeed later: doubled each time, with up to half of it random. */
export const retries = { attempts: 4, firstMs: 250, mostMs: 8_000 } as const
