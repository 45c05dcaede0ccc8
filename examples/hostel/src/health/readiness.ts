import type { Storage } from '../storage/storage.ts'

const PATIENCE_MS = 1500

export interface StorageHealth {
  kind: string
  status: 'ok' | 'fallback' | 'down'
  /** In milliseconds. */
  responseTime: number
}

export interface Readiness {
  status: 'ok' | 'unavailable'
  storage: StorageHealth
}

/** Ready is: a request sent here now can be answered. The fall-back counts, because it answers. */
export async function readiness(storage: Storage): Promise<Readiness> {
  const started = performance.now()
  const answered = await Promise.race([storage.ping().then(() => true, () => false), lateAnswer()])
  const responseTime = Math.round((performance.now() - started) * 10) / 10
  const up = storage.fallback ? 'fallback' : 'ok'
  return {
    status: answered ? 'ok' : 'unavailable',
    storage: { kind: storage.kind, status: answered ? up : 'down', responseTime },
  }
}

const lateAnswer = () => new Promise<false>((resolve) => setTimeout(resolve, PATIENCE_MS, false).unref())
