// A value of JSON, as it is read: names in blue, text as text.

import type { Plain } from '../../../src/core/plain.ts'
import { langOfText } from '../language.ts'
import './json.css'

/** More characters are not shown. */
const most = 20_000

/** The value. Text stands as it is, with its lines. */
export function Json({ value }: { value: Plain }) {
  const isText = typeof value === 'string'
  const whole = isText ? value : JSON.stringify(value, null, 2)
  const text = whole.length > most ? `${whole.slice(0, most)}…` : whole
  return (
    <pre class="json num" tabindex={0} lang={isText ? langOfText(text) : undefined}>
      {isText ? text : withNames(text)}
    </pre>
  )
}

function withNames(text: string) {
  // Every other piece is a name.
  return text.split(/(?<=^ *)("(?:[^"\\]|\\.)*")(?=: )/m).map((piece, index) =>
    index % 2 === 0 ? (
      piece
    ) : (
      <span key={index} class="json-name">
        {piece}
      </span>
    ),
  )
}
