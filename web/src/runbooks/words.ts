import type { WalkItem } from '../../../server/src/watch/runbooks/wire.ts'
import type { Tone } from '../kit/Badge.tsx'

export const MARKS: Record<WalkItem['state'], readonly [Tone, string]> = {
  pending: ['soft', ''],
  running: ['busy', 'goes on'],
  done: ['green', 'done'],
  yes: ['green', 'yes'],
  no: ['soft', 'no'],
  skipped: ['soft', 'left out'],
  passed: ['soft', 'does not apply'],
  failed: ['bad', 'failed'],
  unknown: ['warn', 'not known: the keeper ended while it went on'],
}
