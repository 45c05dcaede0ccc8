import type { Secret } from '../../kernel/secret.ts'

/** The ports on loopback of what measures. */
export interface Listening {
  prometheus: number
  node: number
  postgres: number
  redis: number
}

/** What is asked for its metrics, as it is deployed now. */
export interface Measured {
  clusters: readonly Cluster[]
  redis: ReadonlyArray<{ app: string; port: number }>
  instances: readonly Scraped[]
  /** Prometheus calls it each minute, so that somebody notices when it does not any more; null: nobody does. */
  watchdog: string | null
}

export interface Cluster {
  app: string
  port: number
}

/** An instance whose service has `metrics:`. */
export interface Scraped {
  app: string
  environment: string
  service: string
  /** `api.blue.1` */
  instance: string
  colour: string
  release: string
  port: number
  path: string
  /** `json`: the keeper asks it and makes series of it. */
  format: 'text' | 'json'
}

/** A point of a series: milliseconds since 1970 and the value; null: it was no number. */
export type Point = readonly [at: number, value: number | null]

export interface Found {
  labels: Readonly<Record<string, string>>
  points: readonly Point[]
}

export interface Range {
  query: string
  /** Milliseconds since 1970. */
  from: number
  to: number
  stepMs: number
  /** Default: 15 s, less than a command waits for the keeper. */
  timeoutMs?: number
}

/** The port to Prometheus and its exporters. */
export interface Prometheus {
  /** Replaces what is asked. Nothing changes when it is the same. */
  measure(measured: Measured): Promise<void>
  /** Replaces the rules of all apps: app → YAML. They must have been checked. */
  rules(all: ReadonlyMap<string, string>): Promise<void>
  /** What is wrong with a file of rules, in Prometheus' own words; null: nothing. */
  check(yaml: string): Promise<string | null>
  /** Failure `metrics.query`, `metrics.down`. */
  range(wanted: Range): Promise<Found[]>
  /** Why other programs of this machine could ask it, too; null: they cannot. */
  open(): string | null
  /** The role that measures clusters. */
  monitorPassword(): Promise<Secret>
}
