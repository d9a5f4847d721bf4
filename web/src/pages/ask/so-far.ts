// Text that is still being written, as Markdown that is whole: what was opened and not closed yet is closed, so that no
// asterisk shows for a moment. Nothing before the end changes, so that spans of the text stay true.

/** The text with its last paragraph closed. */
export function closed(text: string): string {
  const begin = text.lastIndexOf('\n\n') + 1
  // Code keeps its characters, and closes itself at the end of the text.
  if ((text.match(/^ {0,3}```/gm)?.length ?? 0) % 2 === 1) return text
  const bare = text.replace(/[*_`]+$/, '')
  const last = bare.slice(begin)
  if ((last.match(/`/g)?.length ?? 0) % 2 === 1) return `${bare}\``
  const open = (last.match(/\*\*/g)?.length ?? 0) % 2 === 1
  return open ? `${bare.trimEnd()}**` : text === bare ? text : isClosing(text, begin) ? text : bare
}

/** Whether the characters at the end close what stands before them. */
function isClosing(text: string, begin: number): boolean {
  const last = text.slice(begin)
  const marks = /[*_`]+$/.exec(last)?.[0] ?? ''
  return marks !== '' && last.split(marks).length % 2 === 1
}
