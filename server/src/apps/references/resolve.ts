import type { Clock } from '../../kernel/clock.ts'
import { describe } from '../../kernel/failure.ts'
import { iso } from '../../kernel/moments.ts'
import { list } from '../../kernel/words.ts'
import { credentialKey, type KeptSecret, type Reference, type Wanted } from '../app/secrets.ts'
import type { AppStore } from '../app/store.ts'
import type { Provider } from './ports.ts'
import { isDue, mayBeStale, saidBy } from './rule.ts'

export interface ResolvePorts {
  provider: Provider
  clock: Pick<Clock, 'now'>
}

type Kept = Readonly<Record<string, KeptSecret>>

interface Asked {
  app: string
  /** Secret → the command that says its value. */
  references: Readonly<Record<string, Omit<Reference, 'at'>>>
  /** All that is kept of the app, with the credentials. */
  kept: Kept
  signal?: AbortSignal
}

/** Commands that run at once. */
const AT_ONCE = 4

type Had = { name: string; value: string; from: Reference } | { name: string; error: unknown }

/** Asks for all of these values. */
async function ask(ports: ResolvePorts, { app, references, kept, signal }: Asked): Promise<Had[]> {
  const left = Object.entries(references)
  const had: Had[] = []
  const one = async (name: string, reference: Omit<Reference, 'at'>): Promise<Had> => {
    const { argv, timeoutMs } = reference
    const env = credentialsOf(reference, kept)
    const hidden = { ...oneByOne(env), [name]: kept[name] === undefined ? [] : [kept[name].value] }
    try {
      const answered = await ports.provider({ argv, env, timeoutMs, ...(signal && { signal }) })
      const value = saidBy(answered, { name, app, reference, hidden })
      return { name, value, from: { ...reference, at: ports.clock.now() } }
    } catch (error) {
      return { name, error }
    }
  }
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) had.push(await one(...next))
    }),
  )
  signal?.throwIfAborted()
  return had.sort((a, b) => a.name.localeCompare(b.name))
}

const credentialsOf = ({ with: names }: Pick<Reference, 'with'>, kept: Kept): Record<string, string> =>
  Object.fromEntries(
    names.flatMap(name => {
      const one = kept[credentialKey(name)]
      return one === undefined ? [] : [[name, one.value]]
    }),
  )

const oneByOne = (env: Readonly<Record<string, string>>): Record<string, string[]> =>
  Object.fromEntries(Object.entries(env).map(([name, value]) => [name, [value]]))

/** The values that commands say now, all of them. Failure `secret.unresolved`. */
export async function resolveAnew(ports: ResolvePorts, asked: Asked): Promise<Wanted> {
  const had = await ask(ports, asked)
  for (const one of had) if ('error' in one) throw one.error
  return wantedOf(had)
}

const wantedOf = (had: readonly Had[]): Wanted =>
  Object.fromEntries(
    had.flatMap(one => ('error' in one ? [] : [[one.name, { value: one.value, from: one.from }]])),
  )

interface Due {
  app: string
  names: readonly string[]
  /** Under which the values are put aside. */
  given: string
}

/**
 * Has the values that a deploy needs, and keeps them. One that is young enough is not asked for; where a command fails,
 * the kept value is taken if a person has allowed its age. Returns what was done. Failure `secret.unresolved`.
 */
export async function resolveDue(
  ports: ResolvePorts & { apps: Pick<AppStore, 'keptSecrets' | 'isAside' | 'putAside' | 'takeUp'> },
  { app, names, given }: Due,
  signal: AbortSignal,
): Promise<string> {
  const { apps, clock } = ports
  // This step ran before: what it replaced is noted, and must not be noted again.
  if (await apps.isAside(app, given)) return apps.takeUp(app, given).then(() => 'had before')
  const kept = await apps.keptSecrets(app)
  const known = names.flatMap(name =>
    kept[name]?.from === undefined ? [] : [[name, kept[name].from] as const],
  )
  const due = known.filter(([, from]) => isDue(from, clock.now()))
  const had = await ask(ports, { app, kept, references: Object.fromEntries(due), signal })
  const said: string[] = []
  for (const one of had) {
    if (!('error' in one)) continue
    const from = kept[one.name]!.from!
    if (!mayBeStale(from, clock.now())) throw one.error
    said.push(`${one.name} is of ${iso(from.at)}: ${describe(one.error).why}`)
  }
  const wanted = wantedOf(had)
  await apps.putAside(app, given, wanted)
  await apps.takeUp(app, given)
  const fresh = known.filter(one => !due.includes(one)).map(([name]) => name)
  return [
    ...(Object.keys(wanted).length > 0 ? [`${list(Object.keys(wanted))} anew`] : []),
    ...(fresh.length > 0 ? [`${list(fresh)} young enough`] : []),
    ...said,
  ].join('; ')
}
