// Operates on one primitive and its model; ends with an error when they differ.

import { models } from '../../src/concurrency/models.fixture.ts'

const [name = '', times = ''] = process.argv.slice(2)
const operate = models[name]
if (!operate) throw new Error(`No model is called "${name}": there are ${Object.keys(models).join(', ')}`)
await operate(Number(times))
