// The tool `calculator`: exact decimals for models, which guess at sums.

import { z } from 'zod'
import { calculate } from '../../calculate/calculate.ts'
import { defineTool } from '../definition.ts'

export const calculator = defineTool(
  {
    title: 'Calculator',
    description:
      'Works out an expression exactly. Use it for every sum, difference, percentage, average or conversion that you ' +
      'state. Operators + - * / ^ mod, brackets; percents: "15% of 80", "80 + 15%", "12/80 in %", "change(100, 112.3)" ' +
      'for growth; scales: "1.5 million", "3万"; units: "5 km in mi", "100 km / 2 h", "20 °C in °F", "$5 * 3"; functions: ' +
      'round, floor, ceil, abs, min, max, sum, mean, median, stdev, change, sqrt, ln, log10, log(x, base), exp.',
    input: z.object({
      expression: z.string().min(1).max(4_000).describe('Like (112.3 - 100) / 100 in %'),
      unit: z.string().max(60).optional().describe('The unit of the result, like km/h'),
      digits: z.int().min(0).max(100).optional().describe('Digits behind the point to round the result to'),
    }),
    output: z.object({
      value: z.string().describe('In decimal notation'),
      unit: z.string().optional(),
      exact: z.boolean().describe('False when value was rounded'),
      steps: z.array(z.string()),
    }),
    traits: { readOnly: true, pure: true },
    limits: { timeoutMs: 5_000 },
    tags: ['built-in', 'math'],
  },
  ({ expression, unit, digits }) =>
    calculate(expression, { ...(unit === undefined ? {} : { unit }), ...(digits === undefined ? {} : { digits }) }),
)
