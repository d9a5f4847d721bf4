// What the pools run: arguments come as JSON text, as they come from models.

import workerpool from 'workerpool'
import { functions } from '../work.ts'
import type { FunctionName } from '../work.ts'

interface Given {
  name: FunctionName
  text: string
}

const calculate = ({ name, text }: Given): number => functions[name](JSON.parse(text) as { a: number; b: number })

export default calculate

// workerpool's workers say what they can do; in those of the others there is nobody to listen.
if (process.env['ANDON_BENCH_WORKERPOOL'] !== undefined) workerpool.worker({ calculate })
