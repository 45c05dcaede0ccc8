import type { Sentences } from '../../engine/plan.ts'

interface OfRehearsal {
  app: string
  copy: string
}

/** It says so itself when it runs a second time on the same copy, as after a keeper that was killed. */
export type RehearsalStep = OfRehearsal & {
  kind: 'rehearsal.run'
  /** sha256 of the source. */
  upload: string
  says: string
}

export const rehearsalSentences: Sentences<RehearsalStep> = {
  'rehearsal.run': s =>
    `run the pending migrations on the copy, while it is asked what ${s.app} asks most often`,
}
