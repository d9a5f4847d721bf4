// The suite of every ToolSettingStore: what somebody decided about a tool is kept, for his tenant alone.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { OpenStores } from './fixtures.ts'

export function toolSettingContract(name: string, open: OpenStores): void {
  describe(`${name} keeps what was decided about tools`, () => {
    it('gives what was set, by name, and nothing where nobody decided', async () => {
      await using stores = await open()
      await stores.toolSettings.set('t', { tool: 'b', permission: 'ask' })
      await stores.toolSettings.set('t', { tool: 'a', enabled: false })
      assert.deepEqual(await stores.toolSettings.list('t'), [
        { tool: 'a', enabled: false },
        { tool: 'b', permission: 'ask' },
      ])
      assert.deepEqual(await stores.toolSettings.list('nobody'), [])
    })

    it('leaves alone what is not said again', async () => {
      await using stores = await open()
      await stores.toolSettings.set('t', { tool: 'a', enabled: false, permission: 'deny' })
      await stores.toolSettings.set('t', { tool: 'a', enabled: true })
      assert.deepEqual(await stores.toolSettings.list('t'), [{ tool: 'a', enabled: true, permission: 'deny' }])
      await stores.toolSettings.set('t', { tool: 'a', permission: 'allow' })
      assert.deepEqual(await stores.toolSettings.list('t'), [{ tool: 'a', enabled: true, permission: 'allow' }])
    })

    it('keeps what the tool was for as long as the permission', async () => {
      await using stores = await open()
      const allowed = { tool: 'a', permission: 'allow', fingerprint: 'one' } as const
      await stores.toolSettings.set('t', allowed)
      await stores.toolSettings.set('t', { tool: 'a', enabled: true })
      assert.deepEqual(await stores.toolSettings.list('t'), [{ ...allowed, enabled: true }])
      await stores.toolSettings.set('t', { tool: 'a', permission: 'deny' })
      assert.deepEqual(await stores.toolSettings.list('t'), [{ tool: 'a', enabled: true, permission: 'deny' }])
    })

    it('has the settings of each tenant apart', async () => {
      await using stores = await open()
      await stores.toolSettings.set('t', { tool: 'a', enabled: false })
      await stores.toolSettings.set('u', { tool: 'a', enabled: true })
      assert.deepEqual(await stores.toolSettings.list('t'), [{ tool: 'a', enabled: false }])
      assert.deepEqual(await stores.toolSettings.list('u'), [{ tool: 'a', enabled: true }])
    })
  })
}
