// Secrets do not belong in a log: what looks like one is blotted out of every line, wherever it stands.

/** What secrets look like, and what stands there instead. */
const secrets: [RegExp, string][] = [
  [/\b(Bearer|Basic) +[A-Za-z0-9._~+/=-]{6,}/gi, '$1 …'],
  [/andon_[A-Za-z0-9_-]{43}/g, 'andon_…'],
  [/\bsk-[A-Za-z0-9_-]{12,}/g, 'sk-…'],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g, 'eyJ…'],
  [/(\/\/)[^/\s:@"]*:[^/\s@"]+@/g, '$1…@'],
  [/([?&](?:api[-_]?key|key|token|access_token|secret|password)=)[^&\s"#]+/gi, '$1…'],
  [
    /("(?:authorization|proxy-authorization|x-api-key|cookie|set-cookie|apiKey|secret|password)"\s*:\s*)"(?:[^"\\]|\\.)*"/gi,
    '$1"…"',
  ],
]

/** The text without keys of Andon and of model servers, tokens, passwords in addresses, and the like. */
export function redacted(text: string): string {
  let clean = text
  for (const [secret, instead] of secrets) clean = clean.replace(secret, instead)
  return clean
}
