import { currentRelease } from '../../apps/app/app.ts'
import { count } from '../../kernel/words.ts'
import { givenUrl } from '../backups/perform-parts.ts'
import { type Branch, timelineOf } from './lineage.ts'
import { removeBeside } from './perform-files.ts'
import type { RestorePorts } from './ports.ts'
import { ownOf } from './proof.ts'
import type { Names, RestoreStep } from './step.ts'

type Of<K extends RestoreStep['kind']> = Extract<RestoreStep, { kind: K }>

/** Puts the restored data in the place of the old one, which stays beside. */
export async function swap(ports: RestorePorts, step: Of<'restore.swap'>): Promise<void> {
  const { app, fresh, aside, record, again } = step
  if (step.url) await ports.elsewhere.swap(await givenUrl(ports, app), { fresh, aside })
  else {
    const { data } = await ports.copies.place(step.copy)
    await lastCommit(ports)
    await ports.cluster.swap({
      fresh: again ? ports.cluster.asidePath(fresh) : data,
      aside: ports.cluster.asidePath(aside),
      timeline: again ? 'new' : 'own',
    })
    await provideAgain(ports)
    await branched(ports, { moment: record.at, lost: null })
  }
  await ports.restores.swapped(app, step, record)
}

/** The same in the other direction; does nothing when nothing was put aside. */
export async function swapBack(ports: RestorePorts, step: Of<'restore.swap-back'>): Promise<void> {
  const { app, fresh, aside } = step
  if (step.url) await ports.elsewhere.swap(await givenUrl(ports, app), { fresh: aside, aside: fresh })
  else if (await ports.files.exists(ports.cluster.asidePath(aside))) {
    const since = (await ports.restores.kept(app)).find(kept => kept.names.aside === aside)?.at
    await lastCommit(ports)
    await ports.cluster.swap({
      fresh: ports.cluster.asidePath(aside),
      aside: ports.cluster.asidePath(fresh),
      timeline: 'new',
    })
    await branched(ports, { moment: since ?? ports.clock.now(), lost: null })
  } else await ports.cluster.ensure()
  await ports.restores.settle(app, aside, 'undone')
}

/** The cluster's timeline, and its history, whose last line names the timeline that it left; null: it is the first. */
const TIMELINE = `
  select timeline, pg_read_file('pg_wal/' || timeline || '.history', 0, 1000000, true) as history
    from left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) as timeline`

/**
 * Archives the end of the log of files that serve no more, so that every moment until then can be restored also when the
 * files are deleted. It takes time, so it is done once the app serves again.
 */
export async function keepLog(
  { cluster, physical, files }: RestorePorts,
  name: string,
  signal: AbortSignal,
): Promise<string> {
  const data = cluster.asidePath(name)
  if (!(await files.exists(data))) return 'nothing was put aside'
  const left = await cluster.unarchived(data)
  await physical.archiveFiles(left, signal)
  return count(left.length, 'file')
}

/** A commit after every earlier one: a restore to a moment ends at the first commit after it. */
const lastCommit = async ({ cluster }: RestorePorts): Promise<void> => {
  // A cluster that does not run has nothing to add.
  await cluster.beat().catch(() => {})
}

/**
 * Notes the timeline that the cluster writes now. `moment`: up to which it has the history of the one that it left.
 * `lost`: from when on what was written until now is in no log.
 */
export async function branched(
  { app, cluster, clock, restores }: Pick<RestorePorts, 'app' | 'cluster' | 'clock' | 'restores'>,
  { moment, lost }: Pick<Branch, 'moment' | 'lost'>,
): Promise<void> {
  const [row] = await cluster.superuser(query => query(TIMELINE))
  const parent = Number(/(?:^|\n)(\d+)\t[^\n]*\n*$/.exec(String(row!['history'] ?? ''))?.[1])
  if (!(parent > 0)) return
  await restores.branch(app, {
    timeline: timelineOf(String(row!['timeline'])),
    since: clock.now(),
    parent,
    moment,
    lost,
  })
}

/** The roles of the restored data get the passwords and limits of today. */
async function provideAgain(ports: RestorePorts): Promise<void> {
  const { app, apps, releases } = ports
  const id = currentRelease(await apps.find(app))
  const { database } = (id === null ? null : await releases.find(app, id))?.config ?? {}
  if (database?.postgres === true) await ports.cluster.provide(await ownOf(ports), database.connections)
}

/** Removes what is beside the app's data under this name. */
export async function dropBeside(
  ports: RestorePorts,
  app: string,
  { url, alone, name }: Pick<Names, 'url' | 'alone'> & { name: string },
): Promise<void> {
  if (url) await ports.elsewhere.drop(await givenUrl(ports, app), name)
  else if (!alone) await ports.files.remove(ports.cluster.asidePath(name))
  await removeBeside(ports, app, name)
}
