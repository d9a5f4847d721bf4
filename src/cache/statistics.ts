// What a cached function has counted since it was made.

/** Counts, all of them 0. */
export function newStatistics() {
  return {
    /** Answered from this process's memory, from the second level, or by joining work that was under way. */
    memoryHits: 0,
    levelHits: 0,
    joined: 0,
    /** Answered by running the function; and how often it was run, refreshes included. */
    misses: 0,
    executions: 0,
    failures: 0,
    /** Remembered errors that were given again. */
    failureHits: 0,
    /** Answers past their time: given while a new one was made, or because none could be made. */
    staleHits: 0,
    graceHits: 0,
    refreshes: 0,
    /** Waits for another process, and times its place was taken because it went silent. */
    waits: 0,
    takeovers: 0,
    /** Leases lost before the value was there: the value was given to its callers and not kept. */
    lostLeases: 0,
    /** Kept: on the second level, or where there is none or it does not answer, in memory. The others were only given. */
    stored: 0,
    tooLarge: 0,
    notStored: 0,
    /** What lay in the second level and was no entry, or no value of the codec: deleted. */
    garbage: 0,
    /** Commands of the second level that failed, ran out of time, or were not sent because it is known to be down. */
    levelErrors: 0,
    levelTimeouts: 0,
    levelSkipped: 0,
    invalidated: 0,
    cancelled: 0,
  }
}

export type Statistics = ReturnType<typeof newStatistics>

/** A copy of the counts, and what memory holds. */
export type CacheCounts = { readonly [Name in keyof Statistics]: number } & {
  /** Bytes and values in this process's memory. */
  readonly bytes: number
  readonly size: number
}
