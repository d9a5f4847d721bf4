// What people decided about tools, by tenant.

import type { ToolPermission } from '../../core/tooling.ts'
import type { ToolSetting } from '../store.ts'
import type { ReadContext, WriteContext } from './context.ts'
import { ensureTenant, tenantNumber } from './tenants.ts'

interface SettingRow {
  tool: string
  enabled: number | null
  permission: ToolPermission | null
  fingerprint: string | null
}

/** See {@link ToolSettingStore.list}. */
export function listToolSettings({ db }: ReadContext, { tenant }: { tenant: string }): ToolSetting[] {
  return db
    .all<SettingRow>('SELECT * FROM tool_settings WHERE tenant = ? ORDER BY tool', tenantNumber(db, tenant))
    .map(({ tool, enabled, permission, fingerprint }) => ({
      tool,
      ...(enabled === null ? {} : { enabled: enabled === 1 }),
      ...(permission === null ? {} : { permission }),
      ...(fingerprint === null ? {} : { fingerprint }),
    }))
}

/** See {@link ToolSettingStore.set}. */
export function setTool({ db }: WriteContext, { tenant, setting }: { tenant: string; setting: ToolSetting }): void {
  db.run(
    `INSERT INTO tool_settings (tenant, tool, enabled, permission, fingerprint) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (tenant, tool) DO UPDATE SET
       enabled = coalesce(excluded.enabled, enabled), permission = coalesce(excluded.permission, permission),
       fingerprint = iif(excluded.permission IS NULL, fingerprint, excluded.fingerprint)`,
    ensureTenant(db, tenant),
    setting.tool,
    setting.enabled === undefined ? undefined : Number(setting.enabled),
    setting.permission,
    setting.permission === undefined ? undefined : setting.fingerprint,
  )
}
