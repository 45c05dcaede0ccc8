import { apps } from '../apps/app/part.ts'
import { checks } from '../apps/checks/part.ts'
import { deploys } from '../apps/deploys/part.ts'
import { inspect } from '../apps/inspect/part.ts'
import { releases } from '../apps/releases/part.ts'
import { backups } from '../data/backups/part.ts'
import { copies } from '../data/copies/part.ts'
import { drills } from '../data/drills/part.ts'
import { recovery } from '../data/recovery/part.ts'
import { restores } from '../data/restores/part.ts'
import { tables } from '../data/tables/part.ts'
import { type Views, views } from '../engine/view.ts'
import { allSentences } from '../parts/part.ts'
import { people } from '../reach/people/part.ts'
import { alerts } from '../watch/alerts/part.ts'
import { logs } from '../watch/logs/part.ts'
import { runs } from '../watch/runs/part.ts'
import { status } from '../watch/status/part.ts'

/** Every noun. A new one needs its folder and a line here. `inn --help` shows their commands in this order. */
export const PARTS = [
  inspect,
  deploys,
  releases,
  status,
  runs,
  logs,
  apps,
  checks,
  backups,
  restores,
  tables,
  copies,
  recovery,
  drills,
  people,
  alerts,
] as const

/** Kinds of steps that two nouns have. */
type Collisions<P extends readonly unknown[]> = P extends readonly [infer First, ...infer Rest]
  ? (KindsOf<First> & KindsOf<Rest[number]>) | Collisions<Rest>
  : never
type KindsOf<P> = P extends { sentences?: infer S } ? keyof NonNullable<S> : never

/** Does not compile while two nouns have a step of one kind: the error names it. */
const distinct: [Collisions<typeof PARTS>] extends [never] ? true : Collisions<typeof PARTS> = true
void distinct

/** Shows plans and runs with the sentences of all nouns. */
export const serverViews: Views = views(allSentences(PARTS))
