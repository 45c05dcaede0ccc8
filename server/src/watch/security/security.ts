import type { App } from '../../apps/app/app.ts'
import { currentRelease } from '../../apps/app/app.ts'
import { iso } from '../../kernel/moments.ts'
import { observeApp, observeServer } from './observe.ts'
import type { Outcome } from './outcome.ts'
import { reportOf } from './policy.ts'
import type { SecurityPorts } from './ports.ts'
import { ofApp } from './rule-app.ts'
import { ofServer } from './rule-server.ts'
import type { SecurityReport } from './wire.ts'

/** For so long an answer is given again: looking asks every app some fifty questions. */
const KEPT_MS = 3_600_000

interface Looked {
  at: number
  outcomes: readonly Outcome[]
  /** App → check → why its finding is accepted. */
  accepted: ReadonlyMap<string, Readonly<Partial<Record<string, string>>>>
}

export type Security = ReturnType<typeof createSecurity>

/** Looks at the server and at every app, for what an attacker would look for. */
export function createSecurity(ports: SecurityPorts) {
  let last: Looked | null = null
  let underWay: Promise<Looked> | null = null

  async function look(): Promise<Looked> {
    const apps = await ports.apps.all()
    const server = await observeServer(ports)
    const outcomes = [...ofServer(server)]
    for (const app of apps) {
      const facts = await observeApp(ports, app)
      if (facts !== null) outcomes.push(...ofApp(facts))
    }
    const accepted = await Promise.all(apps.map(async app => [app.name, await acceptedBy(app)] as const))
    return { at: ports.clock.now(), outcomes, accepted: new Map(accepted) }
  }

  async function acceptedBy(app: App): Promise<Readonly<Partial<Record<string, string>>>> {
    const id = currentRelease(app)
    const release = id === null ? null : await ports.releases.find(app.name, id)
    return release?.config.security?.accepted ?? {}
  }

  return {
    /** `app`: of this one alone, without the server. `again`: looks now. */
    async report({ app, again }: { app: string | null; again: boolean }): Promise<SecurityReport> {
      const isOld = last === null || ports.clock.now() - last.at > KEPT_MS
      if (again || isOld) {
        // Who asks while it is looked gets the same answer.
        underWay ??= look().finally(() => {
          underWay = null
        })
        last = await underWay
      }
      const { at, outcomes, accepted } = last!
      const wanted = app === null ? outcomes : outcomes.filter(one => one.app === app)
      return reportOf(wanted, iso(at), of => accepted.get(of) ?? {})
    },
  }
}
