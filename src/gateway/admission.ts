// Lets requests in, a bounded number at once, in fair order: questions in one lane, loading in the other. No load begins
// while a question waits for a place.

import type { Options } from '../options.ts'
import type { Admission } from './door.ts'
import { WaitingLane } from './lane.ts'

/** Opens the lanes with these limits. */
export function openAdmission(limits: Options['limits']): Admission {
  const { waitMs, tenantAtOnce, keyAtOnce } = limits
  const shared = { waitMs, tenantAtOnce, keyAtOnce }
  const question = new WaitingLane('question', {
    ...shared,
    places: limits.questionsAtOnce,
    room: limits.questionsWaiting,
    onChange: () => load.pump(),
  })
  const load = new WaitingLane('load', {
    ...shared,
    places: limits.loadsAtOnce,
    room: limits.loadsWaiting,
    held: () => question.pressed,
  })
  const lanes = { question, load }
  return {
    check: (lane, principal) => lanes[lane].check(principal),
    enter: (lane, principal, signal) => lanes[lane].enter(principal, signal),
    state: () => ({ question: question.state, load: load.state }),
    close(reason) {
      question.close(reason)
      load.close(reason)
    },
  }
}
