// The page's language, and words in it. Each page has its own `words.ts`:
//
//   export const t = words({
//     found: ['{n} {n|passage|passages} found', '找到 {n} 段原文'],
//   })
//   t('found', { n: 3 })
//
// English stands first, Chinese second; both, or it does not compile. Values are numbers (written the way of the language) or
// text. `{n|one|many}` chooses by a number.

import { effect } from '@preact/signals'
import { kept } from './kept.ts'

export type Language = 'en' | 'zh'

/** The language shown. Default: the browser's, when it is Chinese; else English. */
export const language = kept<Language>(
  'language',
  ['en', 'zh'],
  document.documentElement.lang.startsWith('zh') ? 'zh' : 'en',
)

effect(() => {
  document.documentElement.lang = langOf(language.value)
})

/** The `lang` attribute of a language. */
export function langOf(language: Language): string {
  return language === 'zh' ? 'zh-CN' : 'en'
}

/** The `lang` attribute for a piece of text from elsewhere, told from its letters; undefined when it is the page's own. */
export function langOfText(text: string): string | undefined {
  const han = (text.match(/\p{Script=Han}/gu) ?? []).length
  const letters = (text.match(/\p{Letter}/gu) ?? []).length
  const found: Language = letters > 0 && han * 3 >= letters ? 'zh' : 'en'
  return found === language.value ? undefined : langOf(found)
}

export type Values = Record<string, string | number>

/** A function that says a key's words in the page's language. Reading it in a component makes it follow the language. */
export function words<Key extends string>(texts: Record<Key, readonly [en: string, zh: string]>) {
  return (key: Key, values?: Values): string => filled(texts[key][language.value === 'zh' ? 1 : 0], values)
}

function filled(text: string, values: Values = {}): string {
  return text.replaceAll(/\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g, (whole, name: string, one?: string, many?: string) => {
    const value = values[name]
    if (value === undefined) return whole
    if (one !== undefined) return (value === 1 ? one : many) ?? ''
    return typeof value === 'number' ? number(value) : value
  })
}

/** A number with separators, in the page's language. */
export function number(value: number, options?: Intl.NumberFormatOptions): string {
  return new Intl.NumberFormat(langOf(language.value), options).format(value)
}

/** Milliseconds as seconds with three significant digits, or as milliseconds below one second. */
export function duration(ms: number): string {
  const second = language.value === 'zh' ? '秒' : 's'
  const minute = language.value === 'zh' ? '分' : 'min'
  // A unit stays on the line of its number.
  if (ms < 999.5) return `${ms < 10 && ms > 0 ? Math.max(0.1, Math.round(ms * 10) / 10) : Math.round(ms)}\u00A0ms`
  if (ms < 10_000) return `${(ms / 1000).toFixed(2)}\u00A0${second}`
  if (ms < 99_950) return `${(ms / 1000).toFixed(1)}\u00A0${second}`
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)}\u00A0${minute} ${seconds % 60}\u00A0${second}`
}

/** A time that was set: without the zeros behind the point that a measured one has. */
export function timeLimit(ms: number): string {
  return duration(ms).replace(/\.0+(?=\u00A0)| 0\u00A0\S+$/, '')
}

/** Bytes for people, as the command line says them: `4.7 kB`. Whole MiB, which limits are set in, stay whole. */
export function bytes(count: number): string {
  if (count && count % 2 ** 20 === 0) return `${count / 2 ** 20}\u00A0MiB`
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let unit = 0
  let value = count
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)}\u00A0${units[unit]}`
}

/** The time of day. */
export function clock(at: number, withSeconds = false): string {
  const seconds = withSeconds ? ({ second: '2-digit' } as const) : {}
  return new Intl.DateTimeFormat(langOf(language.value), {
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
    ...seconds,
  }).format(at)
}

/** The day, with its month. */
export function day(at: number): string {
  const year = new Date(at).getFullYear() === new Date().getFullYear() ? {} : ({ year: 'numeric' } as const)
  return new Intl.DateTimeFormat(langOf(language.value), { day: 'numeric', month: 'long', ...year }).format(at)
}
