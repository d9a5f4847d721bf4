// A tool's record: what is learned from its runs, and when it rests.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Outcome } from './executor-job.ts'
import { Profile } from './executor-profile.ts'

const good: Outcome = { kind: 'ok', value: 1, runMs: 2, heldMs: 0.1 }
const crash: Outcome = { kind: 'crashed', runMs: 5, heldMs: 5, costWorker: true }

test('a tool that took too many workers in a while rests, is tried once, and runs again when that is good', () => {
  const profile = new Profile({ crashes: 2, withinMs: 1_000, restMs: 500 })
  profile.note(crash, 0, 0)
  assert.equal(profile.rests(1), undefined)
  profile.note(crash, 0, 100)
  assert.match(profile.rests(200) ?? '', /rests for 400 ms/)
  assert.equal(profile.rests(600), undefined)
  assert.match(profile.rests(601) ?? '', /tries it now/)
  profile.note(crash, 0, 650)
  assert.match(profile.rests(700) ?? '', /rests for 450 ms/)
  assert.equal(profile.rests(1_150), undefined)
  profile.note(good, 0, 1_200)
  assert.equal(profile.rests(1_201), undefined)
  assert.equal(profile.rests(1_201), undefined)
})

test('crashes that are far apart count alone, and one of several suspects counts in part', () => {
  const profile = new Profile({ crashes: 2, withinMs: 1_000 })
  profile.note(crash, 0, 0)
  profile.note(crash, 0, 2_000)
  assert.equal(profile.rests(2_001), undefined)
  profile.note({ kind: 'outcome-unknown', runMs: 0, heldMs: 0, suspects: 2 }, 0, 2_100)
  assert.equal(profile.rests(2_101), undefined)
  profile.note({ kind: 'outcome-unknown', runMs: 0, heldMs: 0, suspects: 2 }, 0, 2_200)
  assert.ok(profile.rests(2_201))
})

test('failures in a row break the circuit only where that is asked for', () => {
  const failed: Outcome = { kind: 'failed', message: '', runMs: 1, heldMs: 1 }
  const patient = new Profile()
  const strict = new Profile({ failures: 3 })
  for (let run = 0; run < 3; run++) for (const profile of [patient, strict]) profile.note(failed, 0, run)
  assert.equal(patient.rests(3), undefined)
  assert.match(strict.rests(3) ?? '', /failed 3 times in a row/)
})

test('a slower run is believed at once, a faster one by and by', () => {
  const profile = new Profile()
  profile.note(good, 10, 0)
  assert.equal(profile.heldMs, 0.1)
  profile.note({ ...good, heldMs: 20 }, 10, 0)
  assert.equal(profile.heldMs, 20)
  profile.note(good, 10, 0)
  assert.ok(profile.heldMs > 10)
})
