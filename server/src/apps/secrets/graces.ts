import type { Alarm } from '../../kernel/wire-alarm.ts'
import { list } from '../../kernel/words.ts'
import { type App, currentRelease } from '../app/app.ts'
import { appLock } from '../app/names.ts'
import type { SecretPorts } from './ports.ts'

/** A try that did not take earlier values away is made again after an hour, then after two, up to a day. */
const FIRST_MS = 3_600_000
const LONGEST_MS = 86_400_000

interface Tried {
  at: number
  waitMs: number
}

/** Ends the time of earlier values of secrets: what serves has them until then, also after a rollback, a stop or a restart of the keeper. */
export function createGraces({ apps, releases, deployer, engine, clock, audit }: SecretPorts) {
  /** App → the last try, as long as what it was to end has not ended. */
  const tried = new Map<string, Tried>()

  /** Variables of the release that serves whose time is over. */
  async function over(app: App): Promise<string[]> {
    const id = currentRelease(app)
    if (id === null || app.state !== 'running') return []
    const given = Object.keys((await releases.find(app.name, id))?.previous ?? {})
    if (given.length === 0) return []
    const kept = await apps.keptSecrets(app.name)
    return given.filter(variable => (kept[variable]?.previous?.until ?? 0) <= clock.now())
  }

  const waits = (app: string): boolean => {
    const last = tried.get(app)
    return last !== undefined && clock.now() < last.at + last.waitMs
  }

  async function end(app: string, variables: readonly string[]): Promise<void> {
    const before = tried.get(app)
    const waitMs = before === undefined ? FIRST_MS : Math.min(before.waitMs * 2, LONGEST_MS)
    tried.set(app, { at: clock.now(), waitMs })
    const plan = await deployer.planGraceEnd(app, variables)
    const run = engine.start(plan, 'keeper')
    await audit.write({ actor: 'keeper', action: plan.kind, app, run, detail: plan.title })
  }

  return {
    /** Begins what is due, of each app; called by a timer. */
    async end(): Promise<void> {
      let failed: unknown = null
      for (const app of await apps.all()) {
        const variables = await over(app)
        const busy = engine.holds(appLock(app.name))
        if (variables.length === 0 && !busy) tried.delete(app.name)
        if (variables.length === 0 || busy || waits(app.name)) continue
        // One app that cannot start now must not keep the others waiting.
        await end(app.name, variables).catch(error => {
          failed ??= error
        })
      }
      if (failed !== null) throw failed
    },

    async alarms(): Promise<Alarm[]> {
      const alarms: Alarm[] = []
      for (const app of tried.size === 0 ? [] : await apps.all()) {
        if (!tried.has(app.name) || engine.holds(appLock(app.name))) continue
        const variables = await over(app)
        if (variables.length > 0) alarms.push(alarmOf(app.name, variables))
      }
      return alarms
    },
  }
}

const alarmOf = (app: string, variables: readonly string[]): Alarm => ({
  code: 'secret.grace',
  level: 'soon',
  app,
  what: `${list(variables)} of ${app} ${variables.length === 1 ? 'is' : 'are'} still given, though the time is over: the release without failed`,
  fix: `\`inn history ${app}\` shows why; when the app can do without, \`inn secrets unset ${variables[0]} ${app}\``,
})
