// Makes text from documents harmless inside a prompt: it can neither close the fence it stands in, nor look like a
// turn of the conversation, nor number itself. The stored passage stays as it is; only the prompt's copy changes.

/** Words by which models tell the turns of a conversation apart; many servers read them inside any text. */
const turnMarkers = [
  // <|im_start|>, <|eot_id|>, <|system|>, and the same with DeepSeek's wide bars.
  /<[|｜][^|｜<>\n]{1,40}[|｜]>/g,
  /<\/?(s|bos|eos|start_of_turn|end_of_turn|think|thinking|system|assistant|user|tool_call|tool_response)>/gi,
  /\[\/?(INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]/g,
  /<<\/?SYS>>/g,
  /\[gMASK\]/g,
]

/** Invisible characters: format controls, and the tag block in which text can be hidden from people. */
const invisible = /[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u00ad]|[\u{e0000}-\u{e007f}]/gu

/**
 * The text as it may stand between fences of `boundary`. With `citations`, `[3]` becomes `(3)`, so that a document's
 * own references are not repeated as citations of this answer; code keeps its brackets.
 */
export function neutralise(text: string, boundary: string, citations = true): string {
  let clean = text.replace(invisible, '').replaceAll(boundary, '…')
  for (const marker of turnMarkers) clean = clean.replace(marker, (found) => `‹${found.slice(1, -1)}›`)
  // Control characters other than tab and newline have no business in prose.
  clean = clean.replace(/\p{Cc}/gu, (sign) => (sign === '\n' || sign === '\t' ? sign : ' '))
  return citations ? clean.replace(/\[(\d{1,3})\]/g, '($1)') : clean
}

/** One short line, for titles and headings. */
export function neutraliseLine(text: string, boundary: string, longest = 160): string {
  const line = neutralise(text, boundary).replace(/\s+/g, ' ').trim()
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line
}
