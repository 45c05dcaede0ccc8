import { POOLER_ADMIN, type PoolCounts, type PoolerAt, type Poolers } from '../../apps/databases/pooling.ts'
import { Failure } from '../../kernel/failure.ts'
import { exec } from '../host/exec.ts'
import { withDatabase } from '../postgres/connect.ts'
import { postgresAnswers } from '../postgres/frozen.ts'

const LONGEST_MS = 5_000

/** Whether the PgBouncer at this port of loopback answers now. It speaks the protocol of PostgreSQL. */
export const poolerAnswers = (port: number): Promise<boolean> => postgresAnswers({ host: '127.0.0.1', port })

export const pgbouncer: Poolers = {
  async version() {
    const { stdout } = await exec({ argv: ['pgbouncer', '-V'], timeoutMs: LONGEST_MS }).catch(cause => {
      throw missing(cause)
    })
    const [, major, minor] = /PgBouncer (\d+)\.(\d+)/.exec(stdout) ?? []
    if (minor === undefined)
      throw missing(new Error(`pgbouncer -V says ${JSON.stringify(stdout.slice(0, 80))}`))
    return [Number(major), Number(minor)]
  },
  async reload(at) {
    await ask(at, 'RELOAD')
  },
  async counts(at, database) {
    const pools = await ask(at, 'SHOW POOLS')
    return countsOf(pools.find(pool => pool['database'] === database) ?? {})
  },
}

const countsOf = (pool: Readonly<Record<string, unknown>>): PoolCounts => {
  const n = (name: string): number => Number(pool[name] ?? 0)
  return {
    active: n('cl_active'),
    waiting: n('cl_waiting'),
    waitMs: n('maxwait') * 1000 + n('maxwait_us') / 1000,
    used: n('sv_active'),
    free: n('sv_idle') + n('sv_used') + n('sv_tested'),
  }
}

/** One command of the console. */
async function ask({ port, password }: PoolerAt, command: string) {
  // A frozen one takes connections, and says nothing.
  if (!(await poolerAnswers(port))) throw silent(new Error('it says nothing'))
  const url = `postgresql://${POOLER_ADMIN}:${encodeURIComponent(password.reveal())}@127.0.0.1:${port}/pgbouncer`
  try {
    return await withDatabase(url, query => query(command))
  } catch (cause) {
    throw silent(cause as Error)
  }
}

const silent = (cause: Error): Failure =>
  new Failure('pooler.silent', 'PgBouncer does not answer', {
    why: cause instanceof Failure ? cause.why : cause.message,
    fix: '`inn status` shows whether it runs; `inn logs APP --service pgbouncer` has its log',
    cause,
  })

const missing = (cause: unknown): Failure =>
  new Failure('pooler.missing', 'PgBouncer cannot be run here', {
    why: (cause as Error).message,
    fix: '`apt-get install pgbouncer`, then deploy again; or take pooling: out of innkeeper.yaml',
    cause,
  })
