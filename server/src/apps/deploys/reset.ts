import { PRODUCTION, parseApp } from '../../config/app-key.ts'
import type { AppConfig } from '../../config/config.ts'
import type { Plan } from '../../engine/plan.ts'
import { Failure } from '../../kernel/failure.ts'
import { appLock, backupLock, besideNames } from '../app/names.ts'
import type { Release } from '../releases/release.ts'
import { releaseStepOf } from './changes.ts'
import { started, stopped } from './pause.ts'
import type { DeployStep } from './step.ts'
import type { World } from './world.ts'

/** What an environment is decides this, and no flag: production has the data of people. */
function notInProduction(app: string, what: string): void {
  if (parseApp(app).environment !== PRODUCTION) return
  throw new Failure('database.production', `the database of ${app} is not ${what}`, {
    why: `${app} is production, and its data is that of people`,
    fix: 'name another environment: `inn deploy --environment staging`, then `--environment staging` here',
  })
}

const seedStep = (app: string, { id, config }: Release): DeployStep[] =>
  config.seed === null
    ? []
    : [{ kind: 'release.seed', app, release: id, command: config.seed.command.join(' ') }]

const alone = (does: DeployStep) => ({ does, undo: null })

/** Plans to fill the database with examples, by the command of the app. Failure `database.production`, `seed.none`. */
export function planSeed(app: string, release: Release): Plan<DeployStep> {
  notInProduction(app, 'seeded')
  if (release.config.seed === null)
    throw new Failure('seed.none', `${app} has no command that seeds its database`, {
      why: `innkeeper.yaml of ${release.id} has no seed:`,
      fix: 'add it, e.g. `seed: node dist/seed.js`, and deploy',
    })
  return {
    ...{ kind: 'seed', title: `seed the database of ${app}`, app, release: release.id },
    ...{ locks: [appLock(app)], steps: seedStep(app, release).map(alone), cleanup: [], notices: [] },
  }
}

/** Plans to begin with an empty database: all migrations, then the seed. Failure `database.production`, `database.not-ours`. */
export function planReset(world: World, release: Release, now: number): Plan<DeployStep> {
  const app = world.app.name
  notInProduction(app, 'reset')
  const { database } = release.config
  if (database?.postgres !== true) throw notOurs(app, release.config)
  const { aside } = besideNames(app, now)
  const runs = world.app.state === 'running'
  const command = releaseStepOf(release.config)
  return {
    kind: 'reset',
    title: `reset the database of ${app}`,
    app,
    release: release.id,
    locks: [appLock(app), backupLock(app)],
    steps: [
      ...(runs ? stopped(world, release) : []),
      {
        does: { kind: 'database.empty', app, aside, connections: database.connections },
        undo: { kind: 'database.full', app, aside },
      },
      ...(command === null ? [] : [alone({ kind: 'release.migrate', app, release: release.id, command })]),
      ...seedStep(app, release).map(alone),
      ...(runs ? started(world, release).steps : []),
    ],
    cleanup: [...(runs ? started(world, release).cleanup : []), { kind: 'database.drop', app, aside }],
    notices: [
      `everything in the database of ${app} is deleted; where it has backups, \`inn restore ${app}\` brings a moment before it back`,
      ...(runs ? [`${app} answers 503 meanwhile`] : []),
    ],
  }
}

const notOurs = (app: string, { database }: AppConfig): Failure =>
  new Failure('database.not-ours', `${app} has no database that could be reset`, {
    why: database === undefined ? 'it has none' : 'its database is on a server that Innkeeper does not run',
    fix: 'reset it by the tools of that server, or use `database: { postgres: true }` in this environment',
  })
