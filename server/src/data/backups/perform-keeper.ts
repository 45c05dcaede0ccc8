import { KEEPER_STATE } from '../../apps/app/names.ts'
import { type Perform, performing, type StepContext } from '../../engine/run.ts'
import { Failure } from '../../kernel/failure.ts'
import { showSize } from '../../kernel/sizes.ts'
import { count } from '../../kernel/words.ts'
import { placeNamed, placeReady } from '../repositories/ready.ts'
import { givenUp } from './missing.ts'
import { atPlace } from './perform-apart.ts'
import { keepPart, orderOf, withScratch } from './perform-parts.ts'
import type { KeeperPorts, Keeping, PlaceTools } from './ports.ts'
import { retainSnapshots } from './retain.ts'
import type { BackupStep, KeeperStep } from './step.ts'

type Of<K extends BackupStep['kind']> = Extract<BackupStep, { kind: K }>

/** Of a point that no step of its own made fail: its run was cancelled, or taken back after the keeper died in it. */
export const BROKEN_OFF = 'it was broken off before its end'

/** Keeps the keeper's own state: a restore point with one part at each place. */
export const keeperPerformer = (ports: KeeperPorts): Perform<KeeperStep> =>
  performing<KeeperStep>({
    'keeper.begin': s => begin(ports, s),
    'keeper.fail': s => ports.points.fail(s.point, BROKEN_OFF),
    'keeper.keep': (s, c) => atPlace(ports, s, c, () => keep(ports, s, c)),
    'keeper.prove': (s, c) => prove(ports, s, c),
    'keeper.verify': (s, c) => verify(ports, s, c),
    'keeper.retain': async (s, c) => {
      if (givenUp(await ports.points.get(s.point)).has(s.place)) return ''
      return retainSnapshots(ports, s, c.signal)
    },
  })

async function begin({ points, clock }: Keeping, step: Of<'keeper.begin'>): Promise<void> {
  const { point: name, by: kind, places } = step
  const moment = { at: clock.now(), segment: null, state: 'taking', releases: {} } as const
  await points.begin({ name, kind, app: null, places, ...moment })
}

/** The keeper has no cluster, so a place needs nothing of pgBackRest. */
const NO_CLUSTER = { cluster: { place: async () => null }, physical: { prepare: async () => {} } }

async function keep(ports: KeeperPorts, step: Of<'keeper.keep'>, context: StepContext): Promise<string> {
  await placeReady({ ...ports, ...NO_CLUSTER }, await placeNamed(ports, step.place))
  return withScratch(ports, `keeper-${step.point}`, async path => {
    await ports.copyKeeper(path)
    const order = await orderOf(ports, step, KEEPER_STATE, context)
    return keepPart(ports, order, await ports.snapshots.keepFolder({ ...order, path }))
  })
}

async function prove(ports: Keeping, step: Of<'keeper.prove'>, context: StepContext): Promise<string> {
  for (const place of step.places) {
    const at = { point: step.point, place }
    await atPlace(ports, at, context, async () => {
      const { parts } = await ports.points.get(step.point)
      const own = parts.find(part => part.place === place)
      const there = await ports.snapshots.list(await placeNamed(ports, place))
      if (own === undefined || !there.some(({ id }) => id === own.id)) throw notThere(place)
    })
  }
  await ports.points.good(step.point)
  const { parts } = await ports.points.get(step.point)
  const bytes = parts.map(part => ('bytes' in part ? part.bytes : 0))
  return `${showSize(Math.max(0, ...bytes))} at ${count(parts.length, 'place')}`
}

const notThere = (place: string): Failure =>
  new Failure('backup.lost', `${place} lacks the keeper's own state, which was written to it`, {
    why: 'its list of snapshots does not have it',
    fix: 'take another one: `inn backup now`; if it happens again, do not trust this place',
  })

async function verify(
  ports: Keeping & Pick<PlaceTools, 'verified'>,
  { place: name }: Of<'keeper.verify'>,
  { signal }: StepContext,
): Promise<string> {
  const place = await placeNamed(ports, name)
  const found = await ports.snapshots.check(place, { data: true, signal })
  await ports.verified.note(place, found.length)
  if (found.length === 0) return 'all as it was written'
  throw new Failure('backup.damaged', `the keeper's own state at ${name} cannot be trusted`, {
    why: found
      .slice(0, 20)
      .map(finding => finding.what)
      .join('\n'),
    fix: 'take it again: `inn backup now`; if it happens again, do not trust this place',
  })
}
