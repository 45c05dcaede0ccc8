import { parseApp, previewOf } from '../../config/app-key.ts'
import { PREVIEW_LOGIN } from '../../config/as-preview.ts'
import type { Engine } from '../../engine/engine.ts'
import { isLocked } from '../../engine/locked.ts'
import type { Clock } from '../../kernel/clock.ts'
import { iso } from '../../kernel/moments.ts'
import { type App, currentRelease } from '../app/app.ts'
import { appLock } from '../app/names.ts'
import type { AppStore } from '../app/store.ts'
import type { Deployer } from '../deploys/deployer.ts'
import type { DeployStep } from '../deploys/step.ts'
import type { Release } from '../releases/release.ts'
import type { ReleaseStore } from '../releases/store.ts'
import type { PreviewView } from './wire.ts'

export interface PreviewPorts {
  apps: Pick<AppStore, 'all' | 'find' | 'secrets'>
  releases: Pick<ReleaseStore, 'list'>
  deployer: Pick<Deployer, 'planRemove'>
  engine: Pick<Engine<DeployStep>, 'start' | 'holds'>
  clock: Clock
  /** The number of the pull request that a preview is of; null: it is of none. */
  numberOf(app: string): Promise<number | null>
  audit: {
    write(row: { actor: string; action: string; app: string; run: string; detail: string }): Promise<unknown>
  }
}

interface Preview {
  app: App
  name: string
  /** What serves, or was tried last; null: nothing is left of any deploy. */
  release: Release | null
  /** Milliseconds since 1970. */
  endsAt: number
}

export function createPreviews(ports: PreviewPorts) {
  const { apps, releases, deployer, engine, clock, audit } = ports
  async function all(): Promise<Preview[]> {
    const found = await Promise.all((await apps.all()).map(seen))
    return found.filter(one => one !== null)
  }

  /** null: the app is no preview. */
  async function seen(app: App): Promise<Preview | null> {
    const name = previewOf(parseApp(app.name).environment)
    if (name === null) return null
    const known = await releases.list(app.name)
    const serves = currentRelease(app)
    const newest = known.toSorted((a, b) => b.number - a.number)[0] ?? null
    const release = known.find(({ id }) => id === serves) ?? newest
    const last = newest?.createdAt ?? 0
    return { app, name, release, endsAt: last + (release?.config.preview?.ttl ?? 0) }
  }

  async function viewOf({ app, name, release, endsAt }: Preview, mayDeploy: boolean): Promise<PreviewView> {
    const { user, password } = PREVIEW_LOGIN
    const asks = release?.config.basicAuth?.password.from === password.from
    const value = asks && mayDeploy ? (await apps.secrets(app.name))[password.from] : undefined
    return {
      app: app.name,
      name,
      pull: await ports.numberOf(app.name),
      branch: release?.branch ?? null,
      commit: release?.commit ?? null,
      deployedAt: app.state === 'new' || release === null ? null : iso(release.createdAt),
      endsAt: iso(Math.max(endsAt, 0)),
      login: value === undefined ? null : { user, password: value },
    }
  }

  return {
    /** `sees`, `mayDeploy`: whether whoever asks may, by the key of an app. */
    async list(sees: (app: string) => boolean, mayDeploy: (app: string) => boolean): Promise<PreviewView[]> {
      const seen = (await all()).filter(({ app }) => sees(app.name))
      return Promise.all(seen.map(one => viewOf(one, mayDeploy(one.app.name))))
    },

    /** What everybody may know of one; null: it is not there. */
    async find(
      app: string,
    ): Promise<{ domain: string | null; tls: boolean; endsAt: string; login: string | null } | null> {
      const known = await apps.find(app)
      const found = known === null ? null : await seen(known)
      if (found === null) return null
      const config = found.release?.config
      return {
        ...{
          domain: config?.domains[0] ?? null,
          tls: config?.tls !== false,
          endsAt: iso(Math.max(found.endsAt, 0)),
        },
        login: config?.basicAuth?.password.from === PREVIEW_LOGIN.password.from ? PREVIEW_LOGIN.user : null,
      }
    },

    /** Removes those whose time is over, with their data; called by a timer. */
    async end(): Promise<void> {
      for (const { app, endsAt } of await all()) {
        if (endsAt > clock.now() || engine.holds(appLock(app.name))) continue
        const plan = await deployer.planRemove(app.name, { data: true })
        try {
          const run = engine.start(plan, 'keeper')
          await audit.write({ actor: 'keeper', action: plan.kind, app: app.name, run, detail: plan.title })
        } catch (error) {
          // Something else is done with it now; the next call comes to it again.
          if (!isLocked(error)) throw error
        }
      }
    },
  }
}
