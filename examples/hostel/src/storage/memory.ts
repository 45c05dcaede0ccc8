import { accountsInMemory } from '../accounts/memory.ts'
import { capsulesInMemory } from '../capsules/memory.ts'
import { checkInsInMemory } from '../checkins/memory.ts'
import { guestsInMemory } from '../guests/memory.ts'
import { kioskInMemory } from '../kiosk/memory.ts'
import { ledgerInMemory } from '../money/memory.ts'
import { settingsInMemory } from '../settings/memory.ts'
import type { Storage } from './storage.ts'
import { Tables } from './tables.ts'

export function memoryStorage(): Storage {
  const tables = new Tables()
  return {
    kind: 'memory',
    fallback: false,
    accounts: accountsInMemory(tables),
    capsules: capsulesInMemory(tables),
    guests: guestsInMemory(tables),
    checkIns: checkInsInMemory(tables),
    ledger: ledgerInMemory(tables),
    settings: settingsInMemory(tables),
    kiosk: kioskInMemory(tables),
    changes: {
      announce: () => tables.changed.emit('change'),
      listen(heard) {
        tables.changed.on('change', heard)
        return () => tables.changed.off('change', heard)
      },
    },
    ping: async () => {},
    close: async () => {},
  }
}
