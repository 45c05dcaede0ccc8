import type { AppConfig } from '../../config/config.ts'
import type { Plan } from '../../engine/plan.ts'
import { list } from '../../kernel/words.ts'
import { appLock } from '../app/names.ts'
import type { Release } from '../releases/release.ts'
import { secretUses } from '../releases/secret-uses.ts'
import { planActivation } from './plan.ts'
import type { DeployStep } from './step.ts'
import type { World } from './world.ts'

export interface SecretsWish {
  app: string
  /** The name under which the new values are put aside, and the secrets that they are of. */
  given: { id: string; names: readonly string[] }
  /** Those of them that are earlier values of others, with the other one: who reads that one gets them, too. */
  earlier: Readonly<Record<string, string>>
  /** Whether its instances are stopped. */
  stopped: boolean
  /** What serves, with the number of the release that is to be made; null: nothing does. */
  serving: { world: World; release: Release; number: number; artifacts: Release['artifacts'] } | null
}

/**
 * Plans other values for secrets: a release of the same files and the same configuration, in the other colour, so that
 * no visitor notices and a rollback leads to the values of before. Where nothing that runs reads them, they are only kept.
 */
export function planSecrets({ app, given, earlier, stopped, serving }: SecretsWish): Plan<DeployStep> {
  const named = { app, given: given.id, names: given.names }
  const keep: Plan<DeployStep>['steps'][number] = {
    does: { kind: 'secrets.keep', ...named },
    undo: { kind: 'secrets.back', ...named },
  }
  const read = given.names.map(name => earlier[name] ?? name)
  const uses = serving === null ? [] : secretUses(serving.release.config).filter(u => read.includes(u.secret))
  const starts = new Set(uses.flatMap(use => (use.when === 'start' ? [use.secret] : [])))
  const notices = [
    ...buildNotices(uses),
    ...unreadNotices(
      serving,
      uses,
      given.names.filter(name => earlier[name] === undefined),
    ),
  ]
  if (serving === null || starts.size === 0)
    return {
      kind: 'secrets',
      title: `keep ${list(given.names)} of ${app}`,
      app,
      release: null,
      locks: [appLock(app)],
      steps: [keep],
      cleanup: [],
      notices: stopped ? [`${app} is stopped: they hold from the next \`inn deploy\` on`] : notices,
    }
  const { world, release, number, artifacts } = serving
  const id = `r${number}`
  const { config } = release
  return planActivation(world, {
    kind: 'secrets',
    title: `other values for ${list(given.names)} of ${app}, as ${id}`,
    goal: { release: id, config, artifacts: { ...release.artifacts, ...artifacts } },
    services: config.services.map(s => s.name),
    watchMs: config.watch,
    before: [keep, ...again({ app, release: id, from: release.id, number })],
    notices,
  })
}

function again(of: {
  app: string
  release: string
  from: string
  number: number
}): Plan<DeployStep>['steps'] {
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
      generated === null && secrets[secret] === undefined ? [secret] : [],
    ),
  ),
]
