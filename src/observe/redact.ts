// Secrets do not belong in a log: what looks like one is blotted out of every line, wherever it stands. The patterns take
// time in proportion to the line, and a line is cut before they see it.

/** Characters of a line that are written. */
const mostCharacters = 64 * 1024

/** What secrets look like, and what stands there instead. */
const secrets: [RegExp, string | ((found: string) => string)][] = [
  [/\b(Bearer|Basic) +[A-Za-z0-9._~+/=-]{6,}/gi, '$1 …'],
  [/andon_[A-Za-z0-9_-]{43}/g, 'andon_…'],
  [/\bsk-[A-Za-z0-9_-]{12,}/g, 'sk-…'],
  // From the beginning of a run only: tried within it as well, a line full of "eyJ-" would take the square of its length.
  [/(?<![\w-])[\w-]+(?:\.[\w-]*){2,}/g, withoutToken],
  [/(\/\/)[^/\s:@"]*:[^/\s@"]+@/g, '$1…@'],
  [/([?&](?:api[-_]?key|key|token|access_token|secret|password)=)[^&\s"#]+/gi, '$1…'],
  [
    /("(?:authorization|proxy-authorization|x-api-key|cookie|set-cookie|apiKey|secret|password)"\s*:\s*)"(?:[^"\\]|\\.)*"/gi,
    '$1"…"',
  ],
]

/** Words with dots between, without what looks like a token and all behind it. */
function withoutToken(run: string): string {
  const words = run.split('.')
  for (const [at, word] of words.slice(0, -2).entries()) {
    const start = word.search(/\beyJ/)
    if (start >= 0 && word.length - start >= 11 && words[at + 1] !== '')
      return [...words.slice(0, at), `${word.slice(0, start)}eyJ…`].join('.')
  }
  return run
}

/** The line without keys of Andon and of model servers, tokens, passwords in addresses, and the like; at most 64 K of it. */
export function redacted(line: string): string {
  let clean = cut(line)
  for (const [secret, instead] of secrets)
    clean = typeof instead === 'string' ? clean.replace(secret, instead) : clean.replace(secret, instead)
  return clean
}

function cut(line: string): string {
  if (line.length <= mostCharacters) return line
  let end = mostCharacters
  // Not through what may be a secret: half of one is known by no pattern.
  while (end > 0 && /[\w.~+/=-]/.test(line.charAt(end - 1))) end -= 1
  return `${line.slice(0, end)}… (${line.length - end} characters more)${line.endsWith('\n') ? '\n' : ''}`
}
