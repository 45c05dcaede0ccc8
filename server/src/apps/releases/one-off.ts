import { join } from 'node:path'
import { serviceOf } from '../../config/config.ts'
import type { Home } from '../../config/home.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Confinement } from '../../servers/confinement/confinement.ts'
import { programName } from '../app/names.ts'
import type { Release } from './release.ts'
import type { Finished, Runner } from './runner.ts'
import type { ReleaseStore } from './store.ts'

export interface OneOffOrder {
  app: string
  release: Release
  service: string | null
  argv: readonly string[]
  env: Readonly<Record<string, string>>
  signal: AbortSignal
  onLine: (line: string) => void
}

/** Runs one command in a release's folder with its environment, as the app's user: `inn run`. */
export type OneOff = (order: OneOffOrder) => Promise<Finished>

export interface OneOffPorts {
  home: Home
  releases: Pick<ReleaseStore, 'env'>
  run: Runner
  /** What programs of apps need to reach the network: proxies and certificates. */
  network: Readonly<Record<string, string>>
  confined(app: string, at: { inside: string; name: string }): Promise<Confinement>
  path(node: number, root: string, tree: string): Promise<string>
}

const LONGEST = 24 * 3_600_000

export const oneOff =
  (ports: OneOffPorts): OneOff =>
  async ({ app, release, service: named, argv, env, signal, onLine }) => {
    const name =
      named ??
      release.config.release?.service ??
      release.config.services.find(s => s.start !== undefined)?.name
    if (name === undefined || !release.config.services.some(s => s.name === name)) {
      throw new Failure('service.unknown', `${app} has no service ${name ?? 'that runs a process'}`, {
        why: 'a command runs in the folder of a service',
        fix: '`inn status` lists the services',
      })
    }
    const service = serviceOf(release.config, name)
    const { tree } = ports.home.app(app).release(release.artifacts[name]!)
    const cwd = join(tree, service.root)
    const own = (await ports.releases.env(app, release.id))[name]!
    const path = await ports.path(service.node, cwd, tree)
    const whole = {
      ...ports.network,
      HOME: ports.home.app(app).cache,
      ...own,
      ...env,
      PATH: path,
      INNKEEPER_APP: app,
      INNKEEPER_RELEASE: release.id,
    }
    return ports.run({
      argv,
      cwd,
      env: whole,
      confinement: await ports.confined(app, { inside: tree, name: programName(app, 'run') }),
      timeoutMs: LONGEST,
      signal,
      onLine,
    })
  }
