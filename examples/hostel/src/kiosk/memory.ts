import type { Tables } from '../storage/tables.ts'
import type { Kiosk } from './kiosk.ts'

export function kioskInMemory(tables: Tables): Kiosk {
  return {
    async add(token) {
      if (tables.kioskTokens.has(token.token)) return
      tables.kioskTokens.set(token.token, { ...token, usedAt: null, createdAt: new Date() })
    },
    async find(token) {
      return tables.kioskTokens.get(token)
    },
    async list() {
      return [...tables.kioskTokens.values()].reverse()
    },
    async use(token, at) {
      const found = tables.kioskTokens.get(token)
      if (!found || found.usedAt) return false
      found.usedAt = at
      return true
    },
  }
}
