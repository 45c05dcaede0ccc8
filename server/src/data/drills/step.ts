import type { Sentences } from '../../engine/plan.ts'

interface OfDrill {
  drill: string
  app: string
}

/** A step on the copy of a drill. `copy`: its name; each drill has its own copy. */
interface OnCopy extends OfDrill {
  copy: string
}

interface AtPlace extends OfDrill {
  point: string
  place: string
  /** Label of the backup that the copy is made from. */
  backup: string
}

/** Everything that a drill does, as data. Each may run twice. */
export type DrillStep =
  | (OfDrill & { kind: 'drill.begin'; point: string; place: string; abandoned: string | null })
  | (OfDrill & { kind: 'drill.break-off' })
  | (AtPlace & { kind: 'drill.objects' })
  | (AtPlace & { kind: 'drill.checksums' })
  | (AtPlace & OnCopy & { kind: 'drill.copy'; timeline: number })
  | (OnCopy & { kind: 'drill.integrity' })
  | (OnCopy & { kind: 'drill.content'; point: string })
  | (OnCopy & { kind: 'drill.boot'; release: string })
  | (AtPlace & OnCopy & { kind: 'drill.kit' })
  | (OfDrill & { kind: 'drill.end' })

export const drillSentences: Sentences<DrillStep> = {
  'drill.begin': s => `begin the drill ${s.drill}`,
  'drill.break-off': s => `note that the drill ${s.drill} was broken off`,
  'drill.objects': s => `L0 see that all of ${s.point} is at ${s.place}`,
  'drill.checksums': s => `L1 read every stored byte at ${s.place}, and look for gaps in the write-ahead log`,
  'drill.copy': s => `L2 restore ${s.point} from ${s.place} to a copy beside the real database, and start it`,
  'drill.integrity': () => 'L3 check pages, indexes, extensions, roles and sequences of the copy',
  'drill.content': s => `L4 compare the rows of the copy with those counted for ${s.point}`,
  'drill.boot': s => `L5 start ${s.release} of ${s.app} on the copy, cut off from every network`,
  'drill.kit': s => `L6 open ${s.place} with the recovery kit alone, and find ${s.app} there`,
  'drill.end': s => `note what the drill ${s.drill} has proven`,
}
