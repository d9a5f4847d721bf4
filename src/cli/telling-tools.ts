// What an answer's tools did, and which of its figures differ, in lines for a terminal.

import type { Plain } from '../core/plain.ts'
import type { AnswerEvent, RecomputedFigure } from '../core/question.ts'

type ToolCall = Extract<AnswerEvent, { type: 'tool-call' }>
type ToolOutcome = Extract<AnswerEvent, { type: 'tool-result' }>

/** Characters of what goes in and what comes out that a line has place for. */
const mostCharacters = 100

/** A call and what came of it: `(calculator: 12*7 → 84)`. `given` is undefined when nobody saw the call begin. */
export function toolLine(given: ToolCall['arguments'] | undefined, { name, ok, value, error }: ToolOutcome): string {
  const asked = given === undefined ? '' : `: ${short(given)}`
  const came = ok ? short(value ?? null) : `failed: ${cut(error?.message ?? 'it did not say why')}`
  return `(${name}${asked} → ${came})`
}

/**
 * What a figure that differs should be, in the language of the question: `It says 15 %, but 134,400 ÷ 120,000 − 1 = 12 %.`;
 * undefined for any other.
 */
export function figureLine({ outcome, said, computed, sum }: RecomputedFigure, question: string): string | undefined {
  if (outcome !== 'differs' || computed === undefined) return undefined
  const isChinese = /\p{Script=Han}/u.test(question)
  if (sum === undefined)
    return isChinese ? `回答写的是 ${said}，按原文计算为 ${computed}。` : `It says ${said}, but it is ${computed}.`
  const whole = sum.includes('=') ? sum : `${sum} = ${computed}`
  return isChinese ? `回答写的是 ${said}，但 ${whole}。` : `It says ${said}, but ${whole}.`
}

/** The one thing that is said, without its name; a value with its unit; anything else as JSON. */
function short(value: Plain): string {
  if (!isObject(value)) return cut(textOf(value))
  const { value: amount, unit } = value
  if (typeof amount === 'string' && (unit === undefined || typeof unit === 'string'))
    return cut(unit === undefined ? amount : `${amount} ${unit}`)
  const [only, ...others] = Object.values(value)
  return cut(textOf(others.length === 0 && typeof only === 'string' ? only : value))
}

function isObject(value: Plain): value is { readonly [key: string]: Plain } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOf(value: Plain): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function cut(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  const characters = Array.from(line)
  return characters.length > mostCharacters ? `${characters.slice(0, mostCharacters - 1).join('')}…` : line
}
