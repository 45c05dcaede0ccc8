import type { AppConfig } from '../../config/config.ts'
import type { Plan } from '../../engine/plan.ts'
import { list } from '../../kernel/words.ts'
import { appLock } from '../app/names.ts'
import { credentialOf, type KeptSecret, listSecrets } from '../app/secrets.ts'
import type { Release } from '../releases/release.ts'
import { secretUses } from '../releases/secret-uses.ts'
import { planActivation } from './plan.ts'
import type { DeployStep } from './step.ts'
import type { World } from './world.ts'

export interface SecretsWish {
  app: string
  /** The name under which the new values are put aside, and the secrets that they are of. */
  given: { id: string; names: readonly string[] }
  /** Those of them whose value stays as it is. */
  same: readonly string[]
  /** Those of them that are earlier values of others, with the other one: who reads that one gets them, too. */
  earlier: Readonly<Record<string, string>>
  /** Whether its instances are stopped. */
  stopped: boolean
  /** What serves, with the number of the release that is to be made; null: nothing does. */
  serving: {
    world: World
    release: Release
    number: number
    artifacts: Release['artifacts']
    /** Secrets whose kept value is another one than its services were started with. */
    newer: readonly string[]
  } | null
}

/**
 * Plans other values for secrets: a release of the same files and the same configuration, in the other colour, so that
 * no visitor notices and a rollback leads to the values of before. Where nothing that runs reads them, they are only kept.
 */
export function planSecrets({ app, given, same, earlier, stopped, serving }: SecretsWish): Plan<DeployStep> {
  const keep = keeping(app, given)
  const read = given.names.filter(name => !same.includes(name)).map(name => earlier[name] ?? name)
  const uses = serving === null ? [] : secretUses(serving.release.config).filter(u => read.includes(u.secret))
  const starts = new Set(uses.flatMap(use => (use.when === 'start' ? [use.secret] : [])))
  const notices = [
    ...buildNotices(uses),
    ...unreadNotices(
      serving,
      uses,
      given.names.filter(
        name => earlier[name] === undefined && !same.includes(name) && credentialOf(name) === null,
      ),
    ),
  ]
  if (serving === null || starts.size === 0)
    return {
      kind: 'secrets',
      title:
        same.length === given.names.length
          ? `${listSecrets(given.names)} of ${app} ${same.length === 1 ? 'has' : 'have'} the same value as before`
          : `keep ${listSecrets(given.names)} of ${app}`,
      app,
      release: null,
      locks: [appLock(app)],
      steps: [keep],
      cleanup: [],
      notices: stopped ? [`${app} is stopped: they hold from the next \`inn deploy\` on`] : notices,
    }
  const { release, number } = serving
  const title = `other values for ${list(given.names)} of ${app}, as r${number}`
  const before = [keep, ...again({ app, release: `r${number}`, from: release.id, number, without: null })]
  return activation(serving, { title, before, notices: [...notices, ...comeWith(serving, given.names)] })
}

export interface GraceWish {
  app: string
  /** Variables of the release that serves, whose time is over. */
  variables: readonly string[]
  /** As of a change of secrets; null: none of them is kept any more. */
  given: SecretsWish['given'] | null
  serving: NonNullable<SecretsWish['serving']>
}

/** Plans that services no longer get earlier values of secrets. Everything else stays as it serves, also after a rollback. */
export function planGraceEnd({ app, variables, given, serving }: GraceWish): Plan<DeployStep> {
  const { release, number } = serving
  const of = { app, release: `r${number}`, from: release.id, number, without: variables }
  return activation(serving, {
    title: `the time of ${list(variables)} of ${app} is over: r${number} is without`,
    before: [...(given === null ? [] : [keeping(app, given)]), ...again(of)],
    notices: [],
  })
}

type Given = SecretsWish['given']

/** What a deploy begins with, because its other steps use the values: those that came with it hold from now on, and those that commands say. */
export const valueSteps = (
  app: string,
  { given, resolved }: Record<'given' | 'resolved', Given | null>,
): Plan<DeployStep>['steps'] => [
  ...(given === null ? [] : [keeping(app, given)]),
  ...(resolved === null ? [] : [taking('secrets.resolve', app, resolved)]),
]

const keeping = (app: string, given: Given) => taking('secrets.keep', app, given)

function taking(
  kind: 'secrets.keep' | 'secrets.resolve',
  app: string,
  { id, names }: Given,
): Plan<DeployStep>['steps'][number] {
  const named = { app, given: id, names }
  return { does: { kind, ...named }, undo: { kind: 'secrets.back', ...named } }
}

const activation = (
  { world, release, number, artifacts }: NonNullable<SecretsWish['serving']>,
  wanted: Pick<Plan<DeployStep>, 'title' | 'notices'> & { before: Plan<DeployStep>['steps'] },
): Plan<DeployStep> =>
  planActivation(world, {
    ...wanted,
    kind: 'secrets',
    goal: {
      release: `r${number}`,
      config: release.config,
      artifacts: { ...release.artifacts, ...artifacts },
    },
    services: release.config.services.map(s => s.name),
    watchMs: release.config.watch,
  })

/** After a rollback the values that are kept are newer than those that serve, and all of them come with the next release. */
const comeWith = (
  { release, newer }: NonNullable<SecretsWish['serving']>,
  names: readonly string[],
): string[] => {
  const more = newer.filter(name => !names.includes(name))
  if (more.length === 0) return []
  return [
    `${list(more)} ${more.length === 1 ? 'has' : 'have'} another value than ${release.id} was started with, perhaps before a rollback: ${more.length === 1 ? 'it comes' : 'they come'} with this, too`,
  ]
}

function again(of: Omit<Extract<DeployStep, { kind: 'release.again' }>, 'kind'>): Plan<DeployStep>['steps'] {
  const { app, release } = of
  return [
    { does: { kind: 'release.again', ...of }, undo: { kind: 'release.drop', app, release } },
    { does: { kind: 'release.finish', app, release }, undo: null },
  ]
}

type Uses = ReturnType<typeof secretUses>

const buildNotices = (uses: Uses): string[] =>
  [...new Set(uses.flatMap(use => (use.when === 'build' ? [use.by] : [])))].map(
    by => `${by} reads ${list(namesOf(uses, by))}: there it holds from the next \`inn deploy\` on`,
  )

const namesOf = (uses: Uses, by: string): string[] => [
  ...new Set(uses.flatMap(use => (use.by === by ? [use.secret] : []))),
]

function unreadNotices(serving: SecretsWish['serving'], uses: Uses, names: readonly string[]): string[] {
  if (serving === null) return []
  const unread = names.filter(name => !uses.some(use => use.secret === name))
  if (unread.length === 0) return []
  return [
    `nothing of ${serving.release.id} reads ${list(unread)}: kept for a deploy whose innkeeper.yaml names ${unread.length === 1 ? 'it' : 'them'} (from:)`,
  ]
}

/** Secrets that would be missing: the configuration says that somebody gives them. */
export const neededBy = (config: AppConfig, secrets: Readonly<Record<string, unknown>>): string[] => [
  ...new Set(
    secretUses(config).flatMap(({ secret, generated }) =>
      generated === null && !Object.hasOwn(secrets, secret) ? [secret] : [],
    ),
  ),
]

/** A value that is given takes the place of a command that says it. */
export const replacedNotices = (
  kept: Readonly<Record<string, Pick<KeptSecret, 'from'>>>,
  names: readonly string[],
): string[] =>
  names.flatMap(name => {
    const argv = kept[name]?.from?.argv
    return argv === undefined
      ? []
      : [`${name} is not asked for any more by ${argv.join(' ')}: this value takes its place`]
  })
