// What a cell of a spreadsheet shows: its number as a date, a percentage or a number, by its format.

import { descendants, first } from './xml.ts'
import type { XmlElement } from './xml.ts'

/** How the cells of a style show their number. */
export type CellFormat = 'number' | 'date' | 'time' | 'date-time' | { percent: number }

/** Formats of the styles of a workbook, by the style's number. Source of the built-in ones: ECMA-376 part 1, 18.8.30. */
export function cellFormats(styles: readonly XmlElement[]): CellFormat[] {
  const codes = new Map<number, string>()
  for (const { attributes } of descendants(styles, 'numFmt'))
    codes.set(Number(attributes['numFmtId']), attributes['formatCode'] ?? '')
  const list = first(styles, 'cellXfs')?.children ?? []
  return list.map(({ attributes }) => {
    const id = Number(attributes['numFmtId'] ?? 0)
    return builtIn(id) ?? fromCode(codes.get(id) ?? '')
  })
}

function builtIn(id: number): CellFormat | undefined {
  if (id === 9) return { percent: 0 }
  if (id === 10) return { percent: 2 }
  if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || id === 36 || (id >= 50 && id <= 58)) return 'date'
  if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || (id >= 45 && id <= 47)) return 'time'
  return id === 22 ? 'date-time' : undefined
}

function fromCode(code: string): CellFormat {
  // What stands in quotes, in brackets or behind a backslash is shown as it is.
  const bare = (code.split(';')[0] ?? '').replace(/"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]/gi, '')
  if (bare.includes('%')) return { percent: /\.(0+)/.exec(bare)?.[1]?.length ?? 0 }
  const date = /[yd]|mmm/i.test(bare) || (/m/i.test(bare) && !/[hs]/i.test(bare) && !/[#0]/.test(bare))
  const time = /[hs]/i.test(bare)
  if (/general/i.test(bare)) return 'number'
  return date ? (time ? 'date-time' : 'date') : time ? 'time' : 'number'
}

/** The text of a number. `since1904`: the workbook counts its days from 1904 instead of 1900. */
export function showNumber(value: string, format: CellFormat, since1904: boolean): string {
  const number = Number(value)
  if (value.trim() === '' || !Number.isFinite(number)) return value
  if (typeof format === 'object') return `${Number((number * 100).toFixed(Math.max(format.percent, 2)))}%`
  // Fifteen digits are what a spreadsheet keeps; more are noise of the binary number.
  if (format === 'number') return String(Number(number.toPrecision(15)))
  // Day 60 of 1900 never was; days before it are one off in every spreadsheet.
  const days = since1904 ? number + 1462 : number < 60 ? number + 1 : number
  const moment = new Date(Math.round((days - 25_569) * 86_400) * 1000)
  if (Number.isNaN(moment.getTime())) return value
  const iso = moment.toISOString()
  if (format === 'time') return iso.slice(11, iso.slice(17, 19) === '00' ? 16 : 19)
  if (format === 'date' || number % 1 === 0) return iso.slice(0, 10)
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)}`
}
