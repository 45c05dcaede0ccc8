import { besideNames } from '../../apps/app/names.ts'
import type { World } from '../../apps/deploys/world.ts'
import type { Release } from '../../apps/releases/release.ts'
import type { Plan } from '../../engine/plan.ts'
import { describe, Failure } from '../../kernel/failure.ts'
import { readMoment } from '../../kernel/when.ts'
import { asidesOf, createAsides } from './aside.ts'
import { choose, type Offer, type Wanted } from './choose.ts'
import { chooseDump } from './choose-dump.ts'
import { chooseFiles } from './choose-files.ts'
import { type Extent, type PartName, sayParts } from './choose-parts.ts'
import { type Chosen, planDiscard, planRestore, planUndo, type Steps } from './plan.ts'
import type { RestorePorts, RestoresPorts } from './ports.ts'
import type { Kept } from './store.ts'

/** Which moment: exactly one of `to`, `backup` and `point`. */
export interface Moment {
  to?: string | undefined
  backup?: string | undefined
  point?: string | undefined
  /** IANA time zone of the person who asks: times without an offset are in it. */
  zone: string
}

export interface RestoreQuestion extends Moment {
  migrate: boolean
  /** What comes back; undefined: all that is kept of that moment. */
  parts?: readonly PartName[] | undefined
}

/** A moment, and how much of it. */
interface Question extends Moment, Extent {}

interface Options {
  ports: RestoresPorts
  /** Reads everything that a plan for this app is made from, and its current release. */
  world(app: string): Promise<{ world: World; release: Release | null }>
}

export type Restores = ReturnType<typeof createRestores>

/** Observes what can be restored, and plans restores, undo and discard. */
export function createRestores({ ports: all, world }: Options) {
  const { clock } = all
  /** The place and backup from which the wanted moment of the cluster is reached. */
  async function chosenFor(app: string, release: Release | null, question: Question): Promise<Chosen> {
    if (release !== null && release.config.database?.postgres !== true)
      throw new Failure('restore.no-database', `${app} has no database that Innkeeper runs`, {
        why: 'its innkeeper.yaml does not say database: { postgres: true }',
        fix: `\`inn restore ${app} --point NAME\` brings back what is kept of it as a whole; \`inn backup list ${app}\` has the points`,
      })
    const ports = all.of(app)
    const branches = await ports.restores.branches(app)
    return choose({ ...(await known(ports, question)), branches, offers: await offers(ports) })
  }

  /** Of whatever kind the app's database is. */
  async function chosenWhole(app: string, release: Release | null, asked: Question) {
    const { parts, has } = asked
    const ports = all.of(app)
    if (!has.database || parts?.includes('database') === false)
      return {
        chosen: chooseFiles({ ...(await known(ports, asked)), held: await heldBy(ports) }),
        kind: { alone: true } as const,
      }
    if (release === null || release.config.database?.postgres === true)
      return { chosen: await chosenFor(app, release, asked), kind: {} }
    return {
      chosen: chooseDump({ ...(await known(ports, asked)), held: await heldBy(ports) }),
      kind: { url: true } as const,
    }
  }

  return {
    /** The database alone, beside which nothing stays or goes. */
    async choose(app: string, question: Moment): Promise<Chosen> {
      const alone = { parts: ['database'], has: { database: true, files: false, redis: false } } as const
      return chosenFor(app, (await world(app)).release, { ...question, ...alone })
    },

    async planRestore(app: string, question: RestoreQuestion): Promise<Plan<Steps>> {
      const { world: seen, release } = await world(app)
      const { migrate } = question
      const parts = partsOf(app, question)
      const has = hadBy(release)
      if (!has.database && parts?.includes('database'))
        throw new Failure('restore.no-database', `${app} has no database`, {
          why: 'the release that serves names none in its innkeeper.yaml',
          fix: `\`inn restore ${app} --point NAME\` brings back its files and its Redis`,
        })
      const { chosen, kind } = await chosenWhole(app, release, { ...question, parts, has })
      return planRestore(seen, release, {
        chosen,
        names: { ...namesFor(app, clock.now()), ...kind },
        migrate,
      })
    },

    async planUndo(app: string): Promise<Plan<Steps>> {
      const { world: seen, release } = await world(app)
      const kept = await lastKept(all.of(app))
      await asideThere(all.of(app), kept)
      return planUndo(seen, release, kept)
    },

    async planDiscard(app: string): Promise<Plan<Steps>> {
      const [last] = await asidesOf(all.of(app))
      if (last !== undefined) return planDiscard(last)
      // Of an app that was removed there may be something left to discard.
      await world(app)
      throw nothingAside(app)
    },

    /** All that is put aside, newest first. */
    asides: createAsides(all),
  }
}

/** Failure `restore.not-aside`: an undo would stop the app, and return to nothing. */
async function asideThere({ app, cluster, files }: RestorePorts, { names }: Kept): Promise<void> {
  if (names.url || names.alone) return
  const path = cluster.asidePath(names.aside)
  if (await files.exists(path)) return
  throw new Failure('restore.not-aside', `the data that ${app} had before the restore is not here any more`, {
    why: `${path} is gone: it was deleted by hand, or stayed on the server that this one was recovered from`,
    fix: `\`inn restore discard ${app}\` forgets it; \`inn restore ${app} --to MOMENT\` before it reaches the same data from the backups`,
  })
}

async function wantedOf(ports: RestorePorts, { to, backup, point, zone }: Moment): Promise<Wanted> {
  if ([to, backup, point].filter(one => one !== undefined).length > 1)
    throw new Failure('restore.what', 'to which of these moments?', {
      why: 'a time, a backup and a restore point are three ways to say one, and more than one of them is named',
      fix: 'name one of `--to`, `--backup` and `--point`',
    })
  if (to !== undefined) return { kind: 'time', at: readMoment(to, { zone, now: ports.clock.now() }) }
  if (backup !== undefined) return { kind: 'backup', label: backup }
  if (point !== undefined) return { kind: 'point', point: await ports.points.get(point) }
  throw new Failure('restore.what', 'to which moment?', {
    why: 'a time, a backup or a restore point has to be named',
    fix: '`inn restore --to "10:00"`, `--backup LABEL` or `--point NAME`; `inn backup list` shows them',
  })
}

/** What each place has of the cluster. One that cannot be read now offers nothing; another place may. */
async function offers(ports: RestorePorts): Promise<Offer[]> {
  const { places } = await ports.policy()
  return Promise.all(
    places.map(async (place): Promise<Offer> => {
      const [backups, archive] = await Promise.allSettled([
        ports.physical.list(place),
        ports.physical.archive(place),
      ])
      const failed = [backups, archive].find(one => one.status === 'rejected')
      return {
        place: place.name,
        backups: backups.status === 'fulfilled' ? backups.value : [],
        segments: archive.status === 'fulfilled' ? archive.value.segments : [],
        problem: failed === undefined ? null : describe(failed.reason).what,
      }
    }),
  )
}

async function lastKept({ app, restores }: RestorePorts): Promise<Kept> {
  const [kept] = await restores.kept(app)
  if (kept !== undefined) return kept
  throw nothingAside(app)
}

const nothingAside = (app: string): Failure =>
  new Failure('restore.none', `nothing of ${app} was put aside by a restore`, {
    why: 'it was never restored, or what it had before was discarded or returned to',
    fix: '`inn backup list`',
  })

async function known(ports: RestorePorts, question: Question) {
  const { parts, has, zone } = question
  const wanted = await wantedOf(ports, question)
  return { app: ports.app, wanted, points: await ports.points.list(), parts, has, zone }
}

/** What an app with this release has; null: it was never read, and only a cluster can be known of it. */
function hadBy(release: Release | null): Extent['has'] {
  if (release === null) return { database: true, files: false, redis: false }
  const { services, redis, database } = release.config
  return {
    database: database !== undefined,
    files: services.some(s => s.persist.length > 0),
    redis: redis === true,
  }
}

/** The parts that were named; null: none was. Refuses those that cannot come back to one moment together. */
function partsOf(app: string, { parts, point, migrate }: RestoreQuestion): Extent['parts'] {
  if (parts === undefined || parts.length === 0) return null
  const named = [...new Set(parts)]
  const database = named.includes('database')
  if (migrate && !database)
    throw new Failure('restore.what', `a release step is not run on ${sayParts(named)} alone`, {
      why: '`--migrate` runs it on a restored database',
      fix: 'leave out `--migrate`, or name `--database` too',
    })
  if (database && named.length > 1 && point === undefined)
    throw new Failure('restore.what', `${sayParts(named)} come back together from a restore point alone`, {
      why: 'files and Redis are kept with restore points, and at no moment between them',
      fix: `\`inn restore ${app} --point NAME\`, or one restore after the other`,
    })
  return named
}

/** Which snapshots each place has; null: it cannot be asked. */
async function heldBy(ports: RestorePorts): Promise<Map<string, ReadonlySet<string> | null>> {
  const { places } = await ports.policy()
  const held = await Promise.all(
    places.map(async place => {
      const all = await ports.snapshots.list(place).catch(() => null)
      return [place.name, all && new Set(all.map(one => one.id))] as const
    }),
  )
  return new Map(held)
}

/** Names made from the app's name and the time. PostgreSQL allows 63 bytes, and an app's name has at most 30. */
const namesFor = (app: string, now: number) => ({
  copy: `r${Math.floor(now / 1000).toString(36)}`,
  ...besideNames(app, now),
})
