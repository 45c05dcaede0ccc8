import type { Storage } from '../storage/storage.ts'

export interface Readiness {
  status: 'ok' | 'unavailable'
  storage: { kind: string; status: 'ok' | 'fallback' | 'down'; responseTime: number }
}

/** The fault of this version: it starts, it listens, and it is never ready. */
export async function readiness(storage: Storage): Promise<Readiness> {
  return { status: 'unavailable', storage: { kind: storage.kind, status: 'down', responseTime: 0 } }
}
