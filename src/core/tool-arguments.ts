// The arguments of a call as JSON text: whether they are, and what they are.

import type { Plain } from './plain.ts'

/** Whether a text is JSON. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The arguments as an object; the text itself when it is none. Empty text is `{}`. */
export function argumentsOf(text: string): { readonly [key: string]: Plain } | string {
  if (text.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as { readonly [key: string]: Plain })
      : text
  } catch {
    return text
  }
}
