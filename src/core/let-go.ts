// Leaving what yields items before its end, by who cannot wait until it has stopped.

/** Tells an iterator that nobody reads on. It may be in the middle of something; how it ends is nobody's. Never rejects. */
export async function letGo(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.()
  } catch {
    // Whoever left hears nothing.
  }
}
