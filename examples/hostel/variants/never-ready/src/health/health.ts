import { createHealth, type Health } from '@innkeeper/sdk/health'
import type { Storage } from '../storage/storage.ts'

/** The fault of this version: it starts, it listens, and it is never ready. */
export function healthOf(_storage: Storage): Health {
  return createHealth({ checks: { storage: () => Promise.reject(new Error('not yet')) } })
}
