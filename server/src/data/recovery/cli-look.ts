import { rmSync } from 'node:fs'
import { chmod, mkdtemp, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KEEPER } from '../../apps/app/names.ts'
import { appStore } from '../../apps/app/store.ts'
import { releaseStore } from '../../apps/releases/store.ts'
import { printJson } from '../../cli/command.ts'
import { showPlan, type Terminal, table } from '../../cli/terminal.ts'
import { local } from '../../cli/times.ts'
import { homeAt } from '../../config/home.ts'
import type { Views } from '../../engine/view.ts'
import { describe } from '../../kernel/failure.ts'
import { clustersIn } from '../backups/keeper-files.ts'
import { policyNow } from '../backups/kept.ts'
import { placeAddress } from '../places/place.ts'
import type { Snapshot } from '../repositories/snapshots.ts'
import { checkMachine } from './cli-machine.ts'
import { lookAtPlaces, type MachineTools, newestState, type Seen } from './from-kit.ts'
import type { Kit } from './kit.ts'
import { observeLost } from './observe.ts'
import { FOLDERS, type LostApp, newestOf, planRecovery } from './plan.ts'

interface Asked {
  root: string
  kit: Kit
  /** An earlier call has brought back the keeper's state already. */
  begun: boolean
  /** Turns plans into sentences. */
  view: Pick<Views, 'plan'>
  tools: MachineTools
}

/** inn recover --plan: shows what would come back, and from where. Reads the places; its scratch files are removed. */
export async function showRecovery(
  asked: Asked,
  { json, terminal }: { json: boolean; terminal: Terminal },
): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'innkeeper-look-'))
  // The scratch folder contains the keeper's secrets, so Ctrl-C removes it too.
  const stop = () => {
    rmSync(work, { recursive: true, force: true })
    process.exit(130)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)
  try {
    // pgBackRest runs as the user of PostgreSQL, who must be able to enter this folder.
    await chmod(work, 0o711)
    const look = await lookAt(asked, work)
    if (json) printJson(look)
    else terminal.print(told(look, terminal))
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop)
    await asked.tools.remove(work)
  }
}

type Look = Awaited<ReturnType<typeof lookAt>>

async function lookAt({ root, kit, begun, view, tools }: Asked, work: string) {
  const snapshotsOf = tools.snapshotsOf(kit, join(work, 'cache'))
  const seen = await lookAtPlaces(kit, snapshotsOf(KEEPER), tools.exists)
  const { place, state } = newestState(seen)
  const into = join(work, 'state')
  const store = await tools.openKept(snapshotsOf(KEEPER), { place, id: state.id, into })
  try {
    const apps = appStore(store, Date.now)
    const known = { apps, releases: releaseStore(store, Date.now), home: homeAt(root) }
    const clusters = clustersIn(await readdir(into))
    const of = (app: string) => ({
      physical: tools.physicalOf(kit, { app, work }),
      snapshots: snapshotsOf(app),
      policy: () => policyNow(known, app),
    })
    const lost = await observeLost({ ...known, clusters, of }, place.name)
    const plan = view.plan(planRecovery(lost))
    const blocked = begun ? null : await checkMachine(root, kit, tools).then(() => null, describe)
    if (blocked !== null) plan.notices.unshift(`not as this machine is: ${blocked.what}; ${blocked.fix}`)
    return {
      place: place.name,
      settingsOf: timeOf(state),
      places: seen.map(placeView),
      apps: lost.apps.map(appView),
      plan,
    }
  } finally {
    await store.close()
  }
}

const timeOf = ({ at }: Pick<Snapshot, 'at'>): string => new Date(at).toISOString()

const placeView = ({ place, state, problem }: Seen) => ({
  name: place.name,
  address: placeAddress(place),
  settingsOf: state === null ? null : timeOf(state),
  problem,
})

/** The newest backup and snapshots of an app; null: there is none. */
function appView(app: LostApp) {
  const { backup = null, segment = null, reaches = null, place = null } = app.cluster ?? {}
  const newest = FOLDERS.map(of => [of, newestOf(app, of)] as const)
  const [releases, files, redis] = newest.map(([, s]) => s && { id: s.id, at: timeOf(s) })
  const postgres = backup && {
    place,
    backup: backup.label,
    endedAt: new Date(backup.endedAt).toISOString(),
    segment,
    reaches: reaches === null ? null : new Date(reaches).toISOString(),
  }
  return { name: app.name, place: app.place, postgres, releases, files, redis }
}

function told({ places, apps, plan }: Look, terminal: Terminal): string {
  const newest = (part: { id: string; at: string } | null | undefined) => (part ? local(part.at) : '-')
  return [
    showPlan(plan, terminal),
    '',
    table(
      ['PLACE', 'ADDRESS', 'STATE OF THE SERVER'],
      places.map(p => [
        p.name,
        p.address,
        (p.settingsOf && local(p.settingsOf)) ?? terminal.paint('red', (p.problem ?? '').split('\n')[0]!),
      ]),
    ),
    '',
    table(
      ['APP', 'POSTGRESQL', 'ITS LOG REACHES', 'RELEASES', 'FILES', 'REDIS KEYS'],
      apps.map(app => [
        app.name,
        app.postgres === null ? '-' : `${app.postgres.backup} of ${app.postgres.place}`,
        app.postgres?.reaches ? local(app.postgres.reaches) : (app.postgres?.segment ?? '-'),
        newest(app.releases),
        newest(app.files),
        newest(app.redis),
      ]),
    ),
  ].join('\n')
}
