import { keptName } from '../../apps/app/names.ts'
import { showDuration } from '../../kernel/durations.ts'
import { Failure } from '../../kernel/failure.ts'
import { showMoment } from '../../kernel/moments.ts'
import { lacking, sayMissing } from '../backups/missing.ts'
import type { Point, SnapshotPart } from '../backups/point.ts'
import { filesNotice, type Wanted } from './choose.ts'
import { besideOf, type Extent } from './choose-parts.ts'
import type { ChosenDump } from './plan.ts'

interface DumpChoice extends Extent {
  app: string
  wanted: Wanted
  /** All restore points, newest first. */
  points: readonly Point[]
  /** Place → ids of its snapshots now; null: the place cannot be asked. The restore will say why. */
  held: ReadonlyMap<string, ReadonlySet<string> | null>
  /** IANA time zone of the person who asks. */
  zone: string
}

interface Dump {
  point: Point
  part: SnapshotPart
}

/** Chooses a dump. A database that Innkeeper does not run has only dumps, and no moments between them. */
export function chooseDump(choice: DumpChoice): ChosenDump {
  const { wanted, zone } = choice
  const dumps = choice.points.flatMap(point => dumpOf(choice, point))
  const found = dumps.find(({ point, part }) => {
    if (wanted.kind === 'point') return point.name === wanted.point.name
    if (wanted.kind === 'backup') return part.id === wanted.label
    // A dump contains what was written until it ended, so it counts from its end.
    return (point.endedAt ?? Number.POSITIVE_INFINITY) <= wanted.at
  })
  if (found === undefined) throw missing(choice, dumps)
  const { point, part } = found
  const beside =
    wanted.kind === 'point'
      ? besideOf({ ...choice, point, place: part.place, database: true })
      : { snapshots: [], notices: databaseAlone(choice, found) }
  return {
    place: part.place,
    at: point.at,
    says: `the dump of ${point.name} (${showMoment(point.at, zone)})`,
    dump: { id: part.id, bytes: part.bytes },
    snapshots: beside.snapshots,
    notices: [...earlier(choice, point), ...beside.notices],
  }
}

/** The dump of a restore point. A place that is known to have it is preferred to one that cannot be asked now. */
function dumpOf({ app, held }: DumpChoice, point: Point): Dump[] {
  const parts = point.parts.filter((part): part is SnapshotPart => part.of === keptName(app, 'dump'))
  const part = parts.find(p => held.get(p.place)?.has(p.id)) ?? parts.find(p => held.get(p.place) === null)
  return part === undefined ? [] : [{ point, part }]
}

function earlier({ wanted, zone }: DumpChoice, { at, name }: Point): string[] {
  if (wanted.kind !== 'time') return []
  const gap = `${showDuration(wanted.at - at)} before ${showMoment(wanted.at, zone)}`
  return [`the newest dump until then is that of ${name}, ${gap}: what was written in between is not in it`]
}

function databaseAlone(choice: DumpChoice, { point }: Dump): string[] {
  if (!choice.has.files && !choice.has.redis) return []
  return choice.wanted.kind === 'time'
    ? filesNotice(choice, point.at)
    : ['only the database: files and Redis stay as they are']
}

function missing({ app, wanted, zone, has }: DumpChoice, dumps: readonly Dump[]): Failure {
  const newest = dumps.slice(0, 5).map(({ point, part }) => {
    return `${point.name} (${showMoment(point.at, zone)}), snapshot ${part.id}`
  })
  const what = {
    time: `until that moment there is no dump of the database of ${app}`,
    point: `the restore point holds no dump of the database of ${app}`,
    backup: `there is no such dump of the database of ${app}`,
  }[wanted.kind]
  const lost =
    wanted.kind === 'point'
      ? lacking(wanted.point, null).filter(({ of }) => of === keptName(app, 'dump'))
      : []
  return new Failure('restore.no-dump', [what, ...lost.map(sayMissing)].join(': '), {
    why:
      newest.length === 0
        ? `the places have none of it, and nothing else brings back a database that Innkeeper does not run`
        : `the places have\n${newest.join('\n')}`,
    fix: [
      newest.length === 0
        ? `\`inn backup now ${app}\``
        : `choose one of these: \`inn restore ${app} --point NAME\``,
      ...(wanted.kind === 'point' && has.files
        ? [`its files alone: \`inn restore ${app} --point ${wanted.point.name} --files\``]
        : []),
    ].join('; '),
  })
}
