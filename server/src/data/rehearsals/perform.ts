import { accessOf } from '../../apps/databases/access.ts'
import type { DatabaseAccess } from '../../apps/databases/cluster.ts'
import type { Query } from '../../apps/databases/migrations.ts'
import { performing } from '../../engine/run.ts'
import { Failure } from '../../kernel/failure.ts'
import { count } from '../../kernel/words.ts'
import type { Point } from '../backups/point.ts'
import type { ClustersBeside } from '../restores/clusters-beside.ts'
import type { Score, Showed } from './rehearsal.ts'
import { rehearse } from './run.ts'
import type { RehearsalStep } from './step.ts'
import type { RehearsalStore } from './store.ts'

export interface RehearsalPorts {
  store: RehearsalStore
  clock: { now(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> }
  copies(app: string): Pick<ClustersBeside, 'reading' | 'superuser' | 'place'>
  secrets(app: string): Promise<Readonly<Record<string, string>>>
  points(app: string): Promise<readonly Point[]>
  /** What a source has that the database, which the query goes to, does not have yet. */
  score(app: string, upload: string, query: Query): Promise<Score>
  /** What the app asks most often, without values, and where its owner looks for names. */
  habits(app: string): Promise<{ frequent: readonly string[]; path: readonly string[] }>
}

export const rehearsalPerformer = (ports: RehearsalPorts) =>
  performing<RehearsalStep>({
    async 'rehearsal.run'({ app, copy, upload, says }, { run, signal, say }) {
      const copies = ports.copies(app)
      const access: DatabaseAccess = accessOf(app, (await copies.place(copy)).port, await ports.secrets(app))
      await begin(work => copies.superuser(copy, 'postgres', work))
      const owner = oneByOne(work => copies.reading(copy, { access }, work))
      const score = await owner(query => ports.score(app, upload, query))
      const showed = await rehearse(
        {
          ...{ owner, signal, say, ...(await ports.habits(app)) },
          superuser: work => copies.superuser(copy, 'postgres', work),
          now: () => performance.now(),
          sleep: ms => ports.clock.sleep(ms, signal),
        },
        score,
      )
      await ports.store.keep({ id: run, app, upload, at: ports.clock.now(), says, ...showed })
      return noteOf(showed)
    },
  })

/** A copy on which migrations ran already shows less of them. Failure `rehearsal.cut-off`: the keeper ended in the middle. */
async function begin(superuser: Open): Promise<void> {
  const [found] = await superuser(query => query("select to_regclass('innkeeper.rehearsed') as there"))
  if (found!['there'] !== null)
    throw new Failure('rehearsal.cut-off', 'the rehearsal was cut off', {
      why: 'the keeper ended while it ran, and the copy is not as the backup any more',
      fix: '`inn db rehearse` begins it anew',
    })
  await superuser(query => query('create table innkeeper.rehearsed ()'))
}

type Open = <T>(work: (query: Query) => Promise<T>) => Promise<T>

/** Connections are opened one after the other, because each makes sure of the role that it signs in as. */
function oneByOne(open: Open): Open {
  let before = Promise.resolve()
  return async work => {
    const mine = before
    let opened = () => {}
    before = new Promise(resolve => {
      opened = resolve
    })
    await mine
    try {
      return await open(query => {
        opened()
        return work(query)
      })
    } finally {
      opened()
    }
  }
}

function noteOf({ migrations, code, held }: Showed): string {
  const failed = migrations.find(({ error }) => error !== null)
  if (failed !== undefined) return `${failed.name} failed: ${failed.error}`
  const longest = held.find(({ blocks }) => blocks === 'all') ?? held[0]
  return [
    migrations.length === 0
      ? 'none is pending'
      : `${count(migrations.length, 'migration')} in ${sum(migrations)} ms`,
    ...(longest === undefined ? [] : [`${longest.table} was locked for ${longest.ms} ms`]),
    ...(code.length === 0 ? [] : [`${code.length} of code were not run`]),
  ].join('; ')
}

const sum = (all: Showed['migrations']): number => Math.round(all.reduce((ms, one) => ms + one.ms, 0))
