import type { StepContext } from '../../engine/run.ts'
import { describe, Failure } from '../../kernel/failure.ts'
import { givenUp, sayMissing, WHOLE_PLACE } from './missing.ts'
import type { OwnerPorts } from './ports.ts'

type Ports = Pick<OwnerPorts, 'points'>

interface AtPlace {
  point: string
  place: string
}

type Context = Pick<StepContext, 'signal'>

/** Keeps one app's part of a restore point. A failure concerns only that app: the part is noted as missing. */
export async function apart(
  ports: Ports,
  step: AtPlace & { of: string },
  { signal }: Context,
  work: () => Promise<string>,
): Promise<string> {
  if (await isGivenUp(ports, step)) return given(step.place)
  try {
    return await work()
  } catch (error) {
    signal.throwIfAborted()
    const why = sentenceOf(error)
    await ports.points.miss(step.point, { of: step.of, place: step.place, why })
    return `not kept: ${why}`
  }
}

/** Keeps a part that a restore point needs at a place. When it fails, the place is given up, as long as another is left. */
export async function atPlace<T extends string | void>(
  ports: Ports,
  step: AtPlace,
  { signal }: Context,
  work: () => Promise<T>,
): Promise<T | string> {
  if (await isGivenUp(ports, step)) return given(step.place)
  try {
    return await work()
  } catch (error) {
    signal.throwIfAborted()
    return giveUp(ports, step, error)
  }
}

const given = (place: string): string => `${place} was given up`

const isGivenUp = async ({ points }: Ports, { point, place }: AtPlace): Promise<boolean> =>
  givenUp(await points.get(point)).has(place)

/** Gives up a place. When it is the last one, the whole restore point fails. */
async function giveUp({ points }: Ports, { point: name, place }: AtPlace, error: unknown): Promise<string> {
  const point = await points.get(name)
  const left = point.places.filter(other => other !== place && !givenUp(point).has(other))
  if (left.length === 0) throw error
  const why = sentenceOf(error)
  await points.miss(name, { of: WHOLE_PLACE, place, why })
  // Parts that are at this place already are not proven, so nothing may be restored from them.
  await points.setParts(
    name,
    point.parts.filter(part => part.place !== place),
  )
  return `${place} is given up: ${why}`
}

function sentenceOf(error: unknown): string {
  const { what, why } = describe(error)
  return why === '' ? what : `${what} (${why.split('\n')[0]})`
}

/** Fails when a restore point is incomplete, so that its run ends as `done-but` and says what is missing. */
export async function tell({ points }: Ports, name: string): Promise<void> {
  const { missing } = await points.get(name)
  if (missing.length === 0) return
  throw new Failure('backup.part', `not all is in ${name}`, {
    why: missing.map(sayMissing).join('\n'),
    fix: `${missing.map(sayMissing).join('; ')}; mend that, then: \`inn backup now\``,
  })
}
