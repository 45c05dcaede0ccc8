import type { App } from '../../apps/app/app.ts'
import type { KeptSecret } from '../../apps/app/secrets.ts'
import type { Release, ReleaseEnv } from '../../apps/releases/release.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { SiteCertificate } from '../../reach/edge/edge.ts'
import type { Looked } from '../../servers/setup/look.ts'
import type { Answer } from './asked.ts'
import type { Listening, Network, Program, Readable, Role } from './facts.ts'
import type { Advisory, Installed } from './packages.ts'

/** What is asked of an app, as a visitor at the site's own port. */
export interface Question {
  port: number
  host: string
  path: string
  method: Answer['method']
  origin: string
}

/** What it takes to look. Nothing of it changes anything. */
export interface SecurityPorts {
  clock: Clock
  apps: {
    all(): Promise<App[]>
    keptSecrets(app: string): Promise<Record<string, KeptSecret>>
  }
  releases: {
    find(app: string, id: string): Promise<Release | null>
    env(app: string, id: string): Promise<ReleaseEnv>
    firstAt(app: string): Promise<number>
  }
  /** Whether an app is being changed now. */
  changing(app: string): boolean
  /** Whether the edge answers by TLS, and whether something in front of it says for whom it connects. */
  edge: { https: boolean; proxied: boolean; certified(app: string): Promise<SiteCertificate | null> }
  /** Rejects when nobody answers within seconds. */
  ask(question: Question): Promise<Answer>
  machine(): Promise<Looked & { listening: readonly Listening[] }>
  walls: { root: boolean; ports(): string | null; mounts(): Promise<string | null> }
  /** The first entry that does not fit to those before it; null: all do. */
  brokenEntry(): Promise<number | null>
  /** What to ask about who has access. */
  access(): Promise<readonly string[]>
  /** Files with secrets of the server that other users can read; of an app: of its folder. null: as this user nobody can tell. */
  readable: { server(): Promise<readonly string[]>; app(app: string): Promise<Readable | null> }
  /** What the programs of an app run as. */
  programs(app: string): Promise<readonly Program[]>
  /** What the role in an address may. */
  role(url: string): Promise<Role>
  /** Where the app's own PostgreSQL listens, and who gets in; null: it has none. */
  network(app: string): Promise<Network | null>
  /** The text of a file of a release; null: it does not exist. Failure `source.refused`. */
  text(app: string, release: string, path: string): Promise<string | null>
  /** The address of the npm registry that this server asks. */
  registry: string
  /** What the npm registry tells of these packages. Rejects with words when it does not answer. */
  advisories(installed: Installed): Promise<Readonly<Record<string, readonly Advisory[]>>>
}
