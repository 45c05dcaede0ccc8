import { appKey, PREVIEW, parseApp, previewOf } from '../../config/app-key.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Journal } from '../../engine/journal.ts'
import { isLocked } from '../../engine/locked.ts'
import type { Plan } from '../../engine/plan.ts'
import { describe, Failure } from '../../kernel/failure.ts'
import type { AppStore } from '../app/store.ts'
import type { Deployer } from '../deploys/deployer.ts'
import type { DeployStep } from '../deploys/step.ts'
import { DeployRequest } from '../deploys/wire.ts'
import type { Repositories } from './ports.ts'
import { refOf } from './rule.ts'
import type { Connection, ConnectionStore, Pull } from './store.ts'

export interface CarryPorts {
  store: Pick<ConnectionStore, 'begun' | 'settle'>
  apps: Pick<AppStore, 'all' | 'find'>
  deployer: Pick<Deployer, 'planDeploy' | 'planRemove'>
  engine: Pick<Engine<DeployStep>, 'cancel' | 'ended'>
  journal: Pick<Journal, 'read'>
  /** Begins a plan; runs that give way to it are cancelled first. */
  begin(plan: Plan, actor: string): Promise<string>
  audit: {
    write(row: { actor: string; action: string; app: string; run: string; detail: string }): Promise<unknown>
  }
  repositories: Repositories
}

interface Work {
  connection: Connection
  pull: Pull
  /** Aborts when something newer is wanted. */
  signal: AbortSignal
}

/** Brings a pull request to what is wanted of it, and notes how that ended, unless something newer is wanted by then. */
export async function carry(ports: CarryPorts, { connection, pull, signal }: Work): Promise<void> {
  const work = { connection, pull, signal }
  try {
    const run = pull.run ?? (await (pull.wanted === null ? remove(ports, work) : build(ports, work)))
    const failed = run === null ? null : await ending(ports, run, signal)
    const state = failed !== null ? 'failed' : pull.wanted === null ? 'removed' : 'up'
    await ports.store.settle(pull, { state, said: failed })
  } catch (error) {
    if (signal.aborted) return
    const { what, why } = describe(error)
    await ports.store.settle(pull, { state: 'failed', said: `${what}\n${why}` })
  }
}

async function build(ports: CarryPorts, work: Work): Promise<string> {
  const { connection, pull, signal } = work
  const { app, provider, repository: url, token } = connection
  if (!isThere(await ports.apps.all(), app)) throw gone(app)
  const ref = refOf(provider, pull.number)
  const { upload, line } = await ports.repositories.bring(
    { app, url, token, ref, commit: pull.wanted! },
    signal,
  )
  const origin = { remote: url, first: [], folder: '', place: url }
  const request = DeployRequest.parse({ upload, commit: line, branch: pull.branch, origin })
  return begun(ports, work, () => ports.deployer.planDeploy(pull.app, request, 'operator'))
}

/** null: there is nothing to remove. */
async function remove(ports: CarryPorts, work: Work): Promise<string | null> {
  if ((await ports.apps.find(work.pull.app)) === null) return null
  return begun(ports, work, () => ports.deployer.planRemove(work.pull.app, { data: true }))
}

/** Begins the plan, after whatever else is done with the preview has ended. */
async function begun(
  ports: CarryPorts,
  { connection, pull, signal }: Work,
  planned: () => Promise<Plan<DeployStep>>,
): Promise<string> {
  const actor = `webhook ${connection.provider} (${pull.who})`
  for (;;) {
    signal.throwIfAborted()
    const plan = await planned()
    try {
      const run = await ports.begin(plan, actor)
      await ports.store.begun(pull, run)
      await ports.audit.write({ actor, action: plan.kind, app: pull.app, run, detail: plan.title })
      return run
    } catch (error) {
      if (!isLocked(error)) throw error
      await ports.engine.ended(String(error.facts['run']))
    }
  }
}

/** Waits for the end of a run, which is cancelled when something newer is wanted. Resolves with why it failed; null: it did not. */
async function ending(ports: CarryPorts, run: string, signal: AbortSignal): Promise<string | null> {
  const cancel = () => void ports.engine.cancel(run)
  if (signal.aborted) cancel()
  signal.addEventListener('abort', cancel)
  const outcome = await ports.engine.ended(run).finally(() => signal.removeEventListener('abort', cancel))
  if (outcome === 'done' || outcome === 'done-but') return null
  const failure = ports.journal.read(run)?.failure
  return failure == null ? 'it was cancelled' : `${failure.what}\n${failure.why}`
}

/** Whether any environment of an app is there: what serves says how its previews are. */
export const isThere = (apps: ReadonlyArray<{ name: string }>, name: string): boolean =>
  apps.some(one => {
    const of = parseApp(one.name)
    return of.name === name && previewOf(of.environment) === null
  })

/** Whose user fetches for an app. Nothing is ever deployed by this key, so that user has nothing of any app. */
export const fetcherOf = (name: string): string => appKey({ name, environment: PREVIEW })

export const gone = (app: string): Failure =>
  new Failure('app.unknown', `there is no app ${app}`, {
    why: 'what serves says how its previews are, and nothing of that name was deployed here',
    fix: '`inn deploy` first',
  })
