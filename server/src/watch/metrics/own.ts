import { HOW_BAD } from '../../kernel/words.ts'
import type { Labels, Metric } from './text.ts'

/** What a process uses, with its descendants. */
export interface Use {
  cpuSeconds: number
  rssBytes: number
  openFds: number
  /** The limit of the process itself. */
  maxFds: number
  /** Seconds since 1970. */
  startedAt: number
}

export interface SeenInstance {
  app: string
  service: string
  /** `api.blue.1` */
  instance: string
  colour: string
  release: string
  /** null: it does not matter, because it takes no traffic or was stopped. */
  ready: boolean | null
  restarts: number
  /** Bytes; null: none was set. */
  memoryLimit: number | null
  /** null: it does not run. */
  use: Use | null
}

/** What the keeper alone knows. */
export interface Facts {
  version: string
  keeper: { use: Use | null; heapBytes: number; lagSeconds: number }
  apps: ReadonlyArray<{ app: string; serving: boolean; current: string | null }>
  instances: readonly SeenInstance[]
  parts: ReadonlyArray<{ part: string; up: boolean }>
  /** Runs that ended, by kind and outcome. */
  runs: ReadonlyArray<{ kind: string; app: string | null; outcome: string; count: number; last: number }>
  underWay: number
  certificates: ReadonlyArray<{ app: string; from: number; to: number }>
  /** Databases with a quota. `bytes`: null: it was not reached. */
  databases: ReadonlyArray<{ app: string; quota: number; bytes: number | null }>
  alarms: ReadonlyArray<{ code: string; level: keyof typeof HOW_BAD }>
  messages: {
    /** Not delivered yet, by channel. */
    waiting: ReadonlyArray<{ channel: string; count: number }>
    /** Tries of the last hour; outcome '': under way. */
    attempts: ReadonlyArray<{ channel: string; outcome: string; count: number }>
  }
}

const seconds = (ms: number): number => ms / 1000

/** The keeper's metrics. What has a usual name has that name. */
export const ownMetrics = (facts: Facts): Metric[] => [
  ...processes(facts),
  ...instances(facts),
  ...appsAndParts(facts),
  ...runs(facts),
  ...certificates(facts),
  ...databases(facts),
  ...messages(facts),
  ...keeper(facts),
]

function processes({ instances, keeper }: Facts): Metric[] {
  const all: Array<readonly [Labels, Use]> = [
    ...(keeper.use === null ? [] : [[{}, keeper.use] as const]),
    ...instances.flatMap(one => (one.use === null ? [] : [[labelsOf(one), one.use] as const])),
  ]
  const each = (of: (use: Use) => number) => all.map(([labels, use]) => [labels, of(use)] as const)
  return [
    {
      name: 'process_cpu_seconds_total',
      kind: 'counter',
      help: 'Processor time of the instances with their children, and of the keeper.',
      samples: each(use => use.cpuSeconds),
    },
    {
      name: 'process_resident_memory_bytes',
      kind: 'gauge',
      help: 'Memory of the same.',
      samples: each(use => use.rssBytes),
    },
    {
      name: 'process_open_fds',
      kind: 'gauge',
      help: 'Open files of the same.',
      samples: each(use => use.openFds),
    },
    {
      name: 'process_max_fds',
      kind: 'gauge',
      help: 'How many files one process of the same may open.',
      samples: each(use => use.maxFds),
    },
    {
      name: 'process_start_time_seconds',
      kind: 'gauge',
      help: 'When it started, in seconds since 1970.',
      samples: each(use => use.startedAt),
    },
  ]
}

const labelsOf = ({ app, service, instance, colour, release }: SeenInstance): Labels => ({
  app,
  service,
  instance,
  colour,
  release,
})

const instances = ({ instances: all }: Facts): Metric[] => [
  {
    name: 'innkeeper_instance_ready',
    kind: 'gauge',
    help: 'Whether an instance that takes traffic works.',
    samples: all.flatMap(one => (one.ready === null ? [] : [[labelsOf(one), Number(one.ready)] as const])),
  },
  {
    name: 'innkeeper_instance_restarts_total',
    kind: 'counter',
    help: 'How often an instance ended by itself or was replaced, since its release was put there.',
    samples: all.map(one => [labelsOf(one), one.restarts] as const),
  },
  {
    name: 'innkeeper_instance_memory_limit_bytes',
    kind: 'gauge',
    help: 'Above this an instance is replaced.',
    samples: all.flatMap(one =>
      one.memoryLimit === null ? [] : [[labelsOf(one), one.memoryLimit] as const],
    ),
  },
]

const appsAndParts = ({ apps, parts }: Facts): Metric[] => [
  {
    name: 'innkeeper_app_serving',
    kind: 'gauge',
    help: 'Whether an app that is meant to run answers visitors.',
    samples: apps.map(({ app, serving }) => [{ app }, Number(serving)] as const),
  },
  {
    name: 'innkeeper_app_release',
    kind: 'gauge',
    help: 'The number of the release that serves.',
    samples: apps.flatMap(({ app, current }) =>
      current === null ? [] : [[{ app }, Number(current.slice(1))] as const],
    ),
  },
  {
    name: 'innkeeper_part_up',
    kind: 'gauge',
    help: 'Whether a part that is meant to run answers.',
    samples: parts.map(({ part, up }) => [{ part }, Number(up)] as const),
  },
]

const runs = ({ runs: all, underWay }: Facts): Metric[] => [
  {
    name: 'innkeeper_runs_total',
    kind: 'counter',
    help: 'Runs that ended (deploy, backup, drill and the others), by how.',
    samples: all.map(({ kind, app, outcome, count }) => [{ kind, app, outcome }, count] as const),
  },
  {
    name: 'innkeeper_run_last_timestamp_seconds',
    kind: 'gauge',
    help: 'When the last of these ended.',
    samples: all.map(({ kind, app, outcome, last }) => [{ kind, app, outcome }, seconds(last)] as const),
  },
  {
    name: 'innkeeper_runs_under_way',
    kind: 'gauge',
    help: 'Runs that have not ended.',
    samples: [[{}, underWay]],
  },
]

const certificates = ({ certificates: all }: Facts): Metric[] => [
  {
    name: 'innkeeper_certificate_not_after_timestamp_seconds',
    kind: 'gauge',
    help: 'When the certificate of an app ends.',
    samples: all.map(({ app, to }) => [{ app }, seconds(to)] as const),
  },
  {
    name: 'innkeeper_certificate_not_before_timestamp_seconds',
    kind: 'gauge',
    help: 'When it began.',
    samples: all.map(({ app, from }) => [{ app }, seconds(from)] as const),
  },
]

const databases = ({ databases: all }: Facts): Metric[] => [
  {
    name: 'innkeeper_database_quota_bytes',
    kind: 'gauge',
    help: 'How large the database of an app may become.',
    samples: all.map(({ app, quota }) => [{ app }, quota] as const),
  },
  {
    name: 'innkeeper_database_bytes',
    kind: 'gauge',
    help: 'How large it is.',
    samples: all.flatMap(({ app, bytes }) => (bytes === null ? [] : [[{ app }, bytes] as const])),
  },
]

const messages = ({ messages: { waiting, attempts } }: Facts): Metric[] => [
  {
    name: 'innkeeper_messages_waiting',
    kind: 'gauge',
    help: 'Messages that are not delivered yet.',
    samples: waiting.map(({ channel, count }) => [{ channel }, count] as const),
  },
  {
    name: 'innkeeper_message_attempts',
    kind: 'gauge',
    help: 'Tries to deliver messages in the last hour, by how they ended.',
    samples: attempts.map(({ channel, outcome, count }) => [{ channel, outcome }, count] as const),
  },
]

function keeper({ version, keeper: own, alarms }: Facts): Metric[] {
  const counted = Object.groupBy(alarms, ({ code, level }) => `${code} ${level}`)
  return [
    {
      name: 'innkeeper_alarms',
      kind: 'gauge',
      help: 'What the keeper says is wrong, by what it is.',
      samples: Object.values(counted).map(
        all => [{ code: all![0]!.code, level: HOW_BAD[all![0]!.level] }, all!.length] as const,
      ),
    },
    {
      name: 'innkeeper_info',
      kind: 'gauge',
      help: 'The version of the keeper.',
      samples: [[{ version }, 1]],
    },
    {
      name: 'nodejs_heap_size_used_bytes',
      kind: 'gauge',
      help: 'Of the keeper.',
      samples: [[{}, own.heapBytes]],
    },
    {
      name: 'nodejs_eventloop_lag_p99_seconds',
      kind: 'gauge',
      help: 'Of the keeper, since it was asked last.',
      samples: [[{}, own.lagSeconds]],
    },
  ]
}
