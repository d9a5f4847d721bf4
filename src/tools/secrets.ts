// Secrets that connections are made with do not come into sentences, whoever repeats them.

/** A text in which no secret is left, in any of the ways it is written in requests and replies. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const written = secrets.flatMap((secret) => {
    const bare = secret.replace(/^(?:Bearer|Basic) /, '')
    return [secret, bare, encodeURIComponent(bare), JSON.stringify(bare).slice(1, -1)]
  })
  let clean = text
  // The longest first: one may be the beginning of another.
  for (const each of [...new Set(written)].sort((one, other) => other.length - one.length)) {
    if (each.length >= 3) clean = clean.replaceAll(each, '…')
  }
  return clean
}
