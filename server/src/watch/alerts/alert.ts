import type { Level } from '../messages/channel.ts'

export type Labels = Readonly<Record<string, string>>
export type Severity = Exclude<Level, 'over'>

/** What a source says of one thing that is wrong, or was. Times: milliseconds since 1970; null: it was not said. */
export interface Observed {
  /** What it is known by; for what Prometheus sends, all its labels. */
  fingerprint: string
  labels: Labels
  annotations: Labels
  url: string | null
  startsAt: number | null
  /** When it is over, unless the source says again that it lasts. */
  endsAt: number | null
}

export interface Alert extends Observed {
  source: string
  /** `stopped`: its source stopped reporting it, so nobody knows. */
  state: 'firing' | 'over' | 'stopped'
  /** From the first opening until ten minutes after it was over. */
  occurrence: string
  since: number
  updatedAt: number
  overAt: number | null
  /** When it began, and began again. */
  openings: readonly number[]
  /** By channel: how bad it was when it was told there, and when. What was told to be over is not among it. */
  told: Readonly<Record<string, { level: Severity; at: number }>>
  acked: { by: string; at: number } | null
}

export const severityOf = (labels: Labels): Severity =>
  /^(critical|page|error|fatal|emergency)$/i.test(labels['severity'] ?? '') ? 'late' : 'soon'

/** The app that it is about; null: it is about the server, or several of them. */
export const appOf = ({ labels }: Pick<Alert, 'labels'>): string | null => labels['app'] ?? null

/** One sentence that says what is wrong. */
export const sentenceOf = ({ labels, annotations }: Pick<Alert, 'labels' | 'annotations'>): string =>
  annotations['summary'] ?? annotations['description'] ?? labels['alertname'] ?? 'something is wrong'

/** What to look at: what the source says of it, or the rule. Names that a rule leaves open are filled in. null: nothing is said. */
export function adviceOf({ labels, annotations }: Pick<Alert, 'labels' | 'annotations'>): string | null {
  const said = annotations['description'] ?? annotations['look'] ?? null
  const filled = (text: string | null, name: string, value: string | undefined) =>
    value === undefined ? text : (text?.replaceAll(new RegExp(`\\b${name}\\b`, 'g'), () => value) ?? null)
  return filled(filled(said, 'APP', labels['app']), 'PART', labels['part'])
}

/** What has a reason that no process of this server is, so that the busiest of them would only draw eyes away from it. */
const NOT_OF_LOAD =
  /^(certificate|drill|checkin|channel|rebuild|walls|watchdog)\.|^backup\.(?!heartbeat|archive-lag|stream)|^(metrics\.open|disk\.full)$|^(Certificate|Disk|DatabaseQuota|MetricsLost|TooManySeries|RoutesUncounted|RulesRefused)/

/** Whether what uses the processors and the memory may have to do with it. Of a rule that is not ours it may. */
export const isOfLoad = ({ labels }: Pick<Alert, 'labels'>): boolean =>
  !NOT_OF_LOAD.test(labels['alertname'] ?? '')

const OFFSET = 0xcbf29ce484222325n
const PRIME = 0x100000001b3n
const MASK = 0xffffffffffffffffn

/** As Prometheus computes it: FNV-1a of 64 bits over the sorted labels. */
export function fingerprintOf(labels: Labels): string {
  let hash = OFFSET
  const byte = (value: number) => {
    hash = ((hash ^ BigInt(value)) * PRIME) & MASK
  }
  for (const name of Object.keys(labels).sort()) {
    for (const value of [name, labels[name]!]) {
      for (const one of Buffer.from(value)) byte(one)
      byte(0xff)
    }
  }
  return hash.toString(16).padStart(16, '0')
}
