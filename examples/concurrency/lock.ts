import { equal, notEqual } from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { Lock } from 'andon/concurrency'

let balance = 0

async function add(amount: number): Promise<void> {
  const read = balance
  await turn() // others run here, and read the same balance
  balance = read + amount
}

await Promise.all(Array.from({ length: 100 }, () => add(1)))
console.log(`without a lock: ${balance} of 100 are left`)
notEqual(balance, 100)

const ledger = new Lock({ name: 'ledger' })
balance = 0

async function addAlone(amount: number): Promise<void> {
  using _held = await ledger.acquire({ timeoutMs: 10_000 })
  await add(amount)
}

await Promise.all(Array.from({ length: 100 }, () => addAlone(1)))
console.log(`with a lock: ${balance} of 100`)
equal(balance, 100)
equal(ledger.held, false)
