// What each key may do: every route with a key of each scope, and with none.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Scope } from '../../src/core/key.ts'
import { openTwoTenants, type TwoTenants } from './house.ts'
import { requestOf, rows, type Row } from './rows.ts'

const scopes: (Scope | undefined)[] = ['ask', 'load', 'admin', undefined]

/** The status that refuses, or undefined where the key lets in. */
function refusal(needed: Row['scope'], has: Scope | undefined): number | undefined {
  if (needed === 'open') return undefined
  if (has === undefined) return 401
  return needed === 'any' || has === 'admin' || has === needed ? undefined : 403
}

describe('Scopes', () => {
  let house: TwoTenants
  before(async () => void (house = await openTwoTenants()))
  after(() => house[Symbol.asyncDispose]())

  for (const [route, row] of Object.entries(rows)) {
    for (const scope of scopes) {
      const refused = refusal(row.scope, scope)
      it(`${route} ${refused === undefined ? 'lets in' : `answers ${refused} to`} ${scope ?? 'nobody known'}`, async () => {
        const key = scope === undefined ? undefined : house.b[scope]
        const { status, text } = await house.send(key, requestOf(route, row, 'nothing'))
        if (refused !== undefined) assert.equal(status, refused, text)
        // A link is fetched from no host unless the operator says so: that is forbidden to everybody.
        else if (route === 'POST /v1/documents/link') assert.match(text, /links\.hosts/)
        else assert.ok(status !== 401 && status !== 403, `${status}: ${text}`)
      })
    }
  }
})
