import type { PoolCounts } from '../../apps/databases/pooling.ts'
import { showDuration } from '../../kernel/durations.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import { count } from '../../kernel/words.ts'

/** A client that waits this long for a connection is no burst any more: PgBouncer sends it away after two minutes. */
const LONG_MS = 5_000

export interface PoolFacts extends PoolCounts {
  app: string
  size: number
}

/** That all connections are taken, and clients wait. */
export const alarmsOf = ({ app, size, waiting, waitMs }: PoolFacts): Alarm[] =>
  waiting === 0 || waitMs < LONG_MS
    ? []
    : [
        {
          code: 'pooling.exhausted',
          level: 'late',
          what: `the pool of ${app} is exhausted: ${count(waiting, 'client')} for ${showDuration(waitMs)} without one of its ${count(size, 'connection')}`,
          fix: `\`inn db activity ${app}\` shows what keeps them; a larger \`pooling: size\` in innkeeper.yaml gives more`,
          app,
        },
      ]
