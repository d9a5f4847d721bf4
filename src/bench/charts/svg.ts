// The ground of every chart: elements as text, colours for light and dark, and a frame that a screen reader can tell.

/** Colours by role; each has a light and a dark value. Series 0 to 5 keep apart for the colour-blind, and by lightness. */
const style = `
.c{--bg:#fff;--ink:#161a19;--soft:#5f6a65;--line:#dfe3df;--s0:#214c9a;--s1:#b5530b;--s2:#1b7a4b;--s3:#8a3a9b;--s4:#0e7c86;--s5:#a5281f;--wait:#d98e04;font-family:system-ui,-apple-system,"Segoe UI",sans-serif;font-size:12px}
@media (prefers-color-scheme:dark){.c{--bg:#151a19;--ink:#e4e8e5;--soft:#9aa59f;--line:#313a37;--s0:#95b6f4;--s1:#f0a860;--s2:#6fcb9a;--s3:#d39ae0;--s4:#6cc7d1;--s5:#f4938a;--wait:#e8b558}}
.c text{fill:var(--ink)}.c .soft{fill:var(--soft)}.c .grid{stroke:var(--line);stroke-width:1}.c .name{font-size:14px;font-weight:600}
.c .f0{fill:var(--s0)}.c .f1{fill:var(--s1)}.c .f2{fill:var(--s2)}.c .f3{fill:var(--s3)}.c .f4{fill:var(--s4)}.c .f5{fill:var(--s5)}.c .fw{fill:var(--wait)}.c .fp{fill-opacity:.45}
.c .l{fill:none;stroke-width:2;stroke-linejoin:round}.c .e{stroke-width:1.25}
.c .k0{stroke:var(--s0)}.c .k1{stroke:var(--s1);stroke-dasharray:7 3}.c .k2{stroke:var(--s2);stroke-dasharray:2 3}.c .k3{stroke:var(--s3);stroke-dasharray:9 3 2 3}.c .k4{stroke:var(--s4);stroke-dasharray:4 2}.c .k5{stroke:var(--s5)}.c .e{stroke-dasharray:none}
`
  .trim()
  .replaceAll('\n', '')

/** Series that can be told apart in one chart. */
export const mostSeries = 6

/** An element: `tag('path', { d, class: 'l' })`. Numbers are written with at most two digits behind the point. */
export function tag(name: string, attributes: Record<string, string | number>, content?: string): string {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? short(value) : escaped(value)}"`)
    .join('')
  return content === undefined ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`
}

/** A text at a place. */
export function label(x: number, y: number, text: string, attributes: Record<string, string | number> = {}): string {
  return tag('text', { x, y, ...attributes }, escaped(text))
}

/** A number as short as it can be in a path: two digits, and the same bytes everywhere. */
export function short(value: number): string {
  const text = value.toFixed(2).replace(/\.?0+$/, '')
  return text === '-0' ? '0' : text
}

/** Text between tags or in an attribute. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

/** What stands above and around a chart. */
export interface ChartText {
  title: string
  /** What is to be seen, in a sentence, for who cannot see it. */
  description: string
}

/** A whole SVG that stands alone: title and description for assistive technology, a name above, a ground below. */
export function svg(
  { title, description }: ChartText,
  width: number,
  height: number,
  parts: readonly string[],
): string {
  const id = idOf(title + description)
  return `${tag(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'c',
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'img',
      'aria-labelledby': `t${id} d${id}`,
    },
    [
      tag('title', { id: `t${id}` }, escaped(title)),
      tag('desc', { id: `d${id}` }, escaped(description)),
      tag('style', {}, style),
      tag('rect', { width, height, rx: 6, style: 'fill:var(--bg)' }),
      label(16, 26, title, { class: 'name' }),
      ...parts,
    ].join('\n'),
  )}\n`
}

/**
 * Names of series with their colour and dash, in rows that do not run over; and how tall they are. One that is undefined
 * is not shown, and its colour stays free.
 */
export function legend(
  names: readonly (string | undefined)[],
  x: number,
  y: number,
  width: number,
  filled = false,
): { parts: string[]; height: number } {
  const parts: string[] = []
  let [left, row] = [0, 0]
  for (const [at, name] of names.entries()) {
    if (name === undefined) continue
    const wide = 34 + widthOf(name)
    if (left > 0 && left + wide > width) {
      left = 0
      row += 1
    }
    const [atX, atY] = [x + left, y + row * 18]
    parts.push(
      filled
        ? tag('rect', { x: atX, y: atY - 9, width: 12, height: 10, rx: 2, class: `f${at % mostSeries}` })
        : tag('path', { d: `M${short(atX)} ${short(atY - 4)}h20`, class: `l k${at % mostSeries}` }),
      label(atX + (filled ? 17 : 26), atY, name),
    )
    left += wide
  }
  return { parts, height: (row + 1) * 18 }
}

/** About how wide a text of 12 pixels is: wide characters count for two. */
export function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += (character.codePointAt(0) ?? 0) > 0x2e80 ? 12 : 6.6
  return width
}

/** Ids within one page must differ between charts, and be the same for the same chart. */
function idOf(text: string): string {
  let hash = 0
  for (const character of text) hash = (Math.imul(hash, 31) + (character.codePointAt(0) ?? 0)) >>> 0
  return hash.toString(36)
}
