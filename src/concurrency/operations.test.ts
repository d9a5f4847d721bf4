// Random operations on every primitive beside a plain model of it. ROUNDS says how many per primitive: few in passing, a
// million for a soak (`ROUNDS=1000000 node --test src/concurrency/operations.test.ts`, or `npm run bench:cache`).

import test from 'node:test'
import { models } from './models.fixture.ts'

const rounds = Number(process.env['ROUNDS'] ?? 20_000)

for (const [name, operate] of Object.entries(models)) test(name, () => operate(rounds))
