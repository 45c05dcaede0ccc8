import type { Tables } from '../storage/tables.ts'
import { fromRows, type Settings, toRows } from './settings.ts'

export function settingsInMemory(tables: Tables): Settings {
  return {
    async read() {
      return fromRows([...tables.settings].map(([key, value]) => ({ key, value })))
    },
    async write(settings) {
      for (const { key, value } of toRows(settings)) tables.settings.set(key, value)
    },
  }
}
