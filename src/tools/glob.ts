// Patterns of names, in which a `*` stands for anything: `files-*`.

/** Whether a text is as the pattern says, from its beginning to its end. */
export function glob(pattern: string): (text: string) => boolean {
  const parts = pattern.split('*').map((part) => RegExp.escape(part))
  const rule = new RegExp(`^${parts.join('.*')}$`, 's')
  return (text) => rule.test(text)
}
