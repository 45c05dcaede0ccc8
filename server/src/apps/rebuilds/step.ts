import type { Sentences } from '../../engine/plan.ts'

interface OfRelease {
  app: string
  release: string
}

/** Everything that a rebuild does, as data. Each may run twice. */
export type RebuildStep =
  | (OfRelease & { kind: 'rebuild.take' })
  | (OfRelease & { kind: 'rebuild.build'; service: string })
  | (OfRelease & { kind: 'rebuild.compare' })
  | { kind: 'rebuild.clear'; app: string }

export const rebuildSentences: Sentences<RebuildStep> = {
  'rebuild.take': s => `unpack the source of ${s.release} beside what serves`,
  'rebuild.build': s => `build ${s.service} without packages or caches of an earlier build`,
  'rebuild.compare': s => `compare the packages with those of ${s.release}`,
  'rebuild.clear': () => 'remove what was built',
}
