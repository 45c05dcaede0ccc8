import { mkdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Status } from '../../../contract/status.ts'
import type { Place } from '../backups/place.ts'
import { within } from '../backups/within.ts'
import { carryOut, openCli, printJson, type Result } from '../cli/command.ts'
import type { Terminal } from '../cli/terminal.ts'
import { homeAt } from '../config/home.ts'
import { beginStopped } from '../db/copy.ts'
import { exists, makeFolder, removeTree, writeDurable } from '../drivers/files.ts'
import { networkEnv } from '../drivers/network.ts'
import { restic } from '../drivers/restic.ts'
import { showDuration } from '../kernel/durations.ts'
import { EXIT } from '../kernel/exit.ts'
import { describe, Failure } from '../kernel/failure.ts'
import { list } from '../kernel/words.ts'
import { type Kit, readKit } from '../recovery/kit.ts'
import { up } from './tree.ts'

/** What is left to do when the keeper's state is back; in the home until it is done. */
interface Pending {
  place: string
  /** The data is back: it must not be written over again. */
  dataBack: boolean
  /** Apps that ran. */
  apps: string[]
  /** When it was taken, milliseconds since 1970. */
  at: number
}

/** inn recover: on an empty machine, everything that the kit opens. May be called again after whatever cut it off. */
export async function recover(
  root: string,
  flags: { kit: string; json?: boolean },
  terminal: Terminal,
): Promise<void> {
  const started = performance.now()
  const say = (line: string) => (flags.json ? undefined : terminal.print(line))
  const kit = readKit(await readFile(flags.kit, 'utf8'))
  const pendingFile = join(root, 'recovering.json')
  if (!((await exists(pendingFile)) && (await exists(homeAt(root).store)))) await takeState(root, kit, say)
  const pending = JSON.parse(await readFile(pendingFile, 'utf8')) as Pending
  await up(root, say)
  const cli = openCli({ home: root, json: flags.json ?? false })
  const results: Result[] = []
  if (!pending.dataBack) {
    results.push(await carryOut(cli, { path: '/api/recovery', body: { place: pending.place } }))
    if (!process.exitCode) await writeDurable(pendingFile, JSON.stringify({ ...pending, dataBack: true }))
  }
  if (!process.exitCode) {
    const { apps } = await cli.client.get<Status>('/api/status')
    const left = apps.filter(app => pending.apps.includes(app.name) && app.state === 'stopped')
    for (const { name } of left)
      results.push(await carryOut(cli, { path: `/api/apps/${name}/start`, body: {} }))
  }
  const whole = results.every(result => result.outcome === 'done')
  if (whole) await removeTree(pendingFile)
  else process.exitCode = EXIT.failed
  const ms = Math.round(performance.now() - started)
  const moment = results[0]?.steps.find(step => step.title.startsWith('restore PostgreSQL'))?.note ?? null
  const settingsOf = new Date(pending.at).toISOString()
  if (flags.json) return printJson({ ms, moment, settingsOf, runs: results })
  if (!whole) return terminal.note('not all of it is back: the same command goes on where it stopped')
  say(`${list(pending.apps) || 'the server'} recovered in ${showDuration(ms)}`)
  if (moment !== null) say(`databases: ${moment}`)
  say(`settings and files: as of ${settingsOf}`)
}

/** The keeper's own state, from the first place that has it: last of all its database, which says that it is there. */
async function takeState(root: string, kit: Kit, say: (line: string) => void): Promise<void> {
  await checkMachine(root, kit)
  const { snapshots, place, id, at } = await findState(root, kit, say)
  const into = join(root, 'recovering')
  await makeFolder(root)
  await removeTree(into)
  await mkdir(into, { recursive: true, mode: 0o700 })
  await snapshots.restore({ place, id, into })
  const apps = beginStopped(join(into, 'keeper.db'))
  const home = homeAt(root)
  await makeFolder(home.postgres)
  if (kit.postgres !== null) {
    // An empty folder names the major of the cluster that will come back.
    await makeFolder(join(home.postgres, String(kit.postgres)), 0o700)
  }
  const files = {
    'settings.json': join(root, 'settings.json'),
    'postgres-password': join(home.postgres, 'password'),
    'postgres-port': join(home.postgres, 'port'),
    'recovering.json': join(root, 'recovering.json'),
    // Last: with it the home is in use.
    'keeper.db': home.store,
  }
  const pending: Pending = { place: place.name, dataBack: false, apps, at }
  await writeDurable(join(into, 'recovering.json'), JSON.stringify(pending))
  for (const [name, path] of Object.entries(files))
    if (await exists(join(into, name))) await rename(join(into, name), path)
  await removeTree(into)
  say(`the keeper's state of ${new Date(at).toISOString()} is back, from ${place.name}`)
}

async function checkMachine(root: string, kit: Kit): Promise<void> {
  if (root !== kit.home)
    throw new Failure('recover.home', `the kit is of ${kit.home}, and this would be ${root}`, {
      why: 'links and settings of that server name its folder',
      fix: `INNKEEPER_HOME=${kit.home} inn recover --kit …`,
    })
  if (await exists(homeAt(root).store))
    throw new Failure('recover.not-empty', `${root} is in use`, {
      why: 'it has a keeper.db: what is there would be lost',
      fix: 'recover on a machine without Innkeeper; to return to an earlier moment here: inn restore',
    })
  if (kit.postgres === null || (await exists(`/usr/lib/postgresql/${kit.postgres}/bin/postgres`))) return
  throw new Failure('recover.postgres', `PostgreSQL ${kit.postgres} is not installed`, {
    why: 'files of one major version are opened by that version alone',
    fix: `apt-get install postgresql-${kit.postgres}`,
  })
}

async function findState(root: string, kit: Kit, say: (line: string) => void) {
  const snapshots = within(
    'restic',
    restic({
      password: async () => kit.passphrase,
      cache: join(root, 'cache', 'restic'),
      network: networkEnv(process.env),
    }),
  )
  const problems: string[] = []
  const found: Array<{ place: Place; id: string; at: number }> = []
  for (const place of kit.places) {
    try {
      const newest = (await snapshots.list(place)).findLast(s => s.of === 'keeper/state')
      if (newest === undefined) problems.push(`${place.name} has no state of a keeper`)
      else found.push({ place, id: newest.id, at: newest.at })
    } catch (error) {
      const { what, why } = describe(error)
      problems.push(`${place.name}: ${what}: ${why}`)
      say(`${place.name} cannot be used: ${what}`)
    }
  }
  // A place may have been away for days before the server was lost.
  const [best] = found.sort((a, b) => b.at - a.at)
  if (best !== undefined) return { snapshots, ...best }
  throw new Failure('recover.nothing', 'no place of the kit has what is needed', {
    why: problems.join('\n'),
    fix: 'make one of them reachable: mount the folder where it was, or let this machine reach the bucket',
  })
}
