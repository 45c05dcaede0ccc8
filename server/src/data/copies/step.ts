import type { Sentences } from '../../engine/plan.ts'
import { showDuration } from '../../kernel/durations.ts'

interface OfCopy {
  copy: string
  app: string
}

/** Steps for a copy to look at, beyond those that restore it. Each may run twice. */
export type CopyStep =
  | (OfCopy & { kind: 'copy.begin'; at: number; says: string; port: number })
  | (OfCopy & { kind: 'copy.forget' })
  | (OfCopy & { kind: 'copy.open'; forMs: number })
  | (OfCopy & { kind: 'copy.end' })

export const copySentences: Sentences<CopyStep> = {
  'copy.begin': s => `note that the copy ${s.copy} is being made, with port ${s.port} on loopback`,
  'copy.forget': s => `forget the copy ${s.copy}`,
  'copy.open': s => `open the copy to the users of ${s.app}, for ${showDuration(s.forMs)}`,
  'copy.end': s => `remove the copy ${s.copy}, with what was written in it`,
}
