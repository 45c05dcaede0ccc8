import { createHealth, type Health } from '@innkeeper/sdk/health'
import type { Storage } from '../storage/storage.ts'
import { version } from '../version.ts'

/** The fall-back counts as ready, because it answers. */
export const healthOf = (storage: Storage): Health =>
  createHealth({
    version,
    checks: {
      storage: async () => {
        await storage.ping()
        return { status: storage.fallback ? 'fallback' : 'ok', kind: storage.kind }
      },
    },
  })
