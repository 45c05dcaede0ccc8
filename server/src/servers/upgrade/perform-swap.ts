import type { Performers } from '../../engine/run.ts'
import { describe, Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import type { Installed, Said } from './facts.ts'
import { presentFolder } from './observe.ts'
import type { UpgradePorts } from './ports.ts'
import { wrongIn } from './reading.ts'
import { ANSWERS_WITHIN_SECONDS, type UpgradeStep } from './step.ts'

const LOOK_MS = 200
/** How long it has to answer rightly without a break: a keeper that ends after its first answer is started again. */
const STEADY_MS = 2_000
/** A keeper that ended so often since it was started will not answer. */
const MOST_ENDS = 5
const DEFINE_MS = 120_000

const storeOf = (home: string): string => `${home}/keeper.db`
const keptOf = (home: string, { version }: Installed): string => `${storeOf(home)}.before-${version}`
const saidOf = (home: string): string => `${home}/upgrade/apps.json`

type Swapping = 'upgrade.swap' | 'upgrade.back' | 'upgrade.tidy'

export const performSwap = (ports: UpgradePorts): Pick<Performers<UpgradeStep>, Swapping> => ({
  async 'upgrade.swap'({ from, to }, { say, signal }) {
    // Of a store that the new keeper changed already, before this was cut, the copy that was kept then counts.
    if (!(await isChanged(ports, to))) await putAside(ports, { from, to })
    await define(ports, to)
    await ports.supervisor.start('keeper')
    say(`waiting for the keeper of ${to.version}`)
    await answers(ports, to.version, signal)
    return `${from.version} left its store as ${keptOf(ports.home, to)}`
  },

  async 'upgrade.back'({ from, to }) {
    const { supervisor } = ports
    await supervisor.stop('keeper')
    const note = (await isChanged(ports, to)) ? giveBack(ports, to) : undefined
    await define(ports, from)
    await supervisor.start('keeper')
    await answers(ports, from.version)
    return note
  },

  async 'upgrade.tidy'({ keep }) {
    const { machine, home } = ports
    const old = ['-regex', '.*/keeper\\.db\\.(before|of)-[^/]*', '!', '-name', keep]
    const find = ['find', home, '-maxdepth', '1', '-regextype', 'posix-extended', '-type', 'f']
    await machine.exec([...find, ...old, '-delete'])
  },
})

/** Whether the keeper of the new version has run and changed the tables of the store. */
async function isChanged(ports: UpgradePorts, to: Installed): Promise<boolean> {
  const { home, store } = ports
  // Only what was kept by this upgrade is compared: the service is defined after that.
  if ((await presentFolder(ports)) !== to.folder) return false
  const kept = store.version(keptOf(home, to))
  return kept !== null && kept !== store.version(storeOf(home))
}

/** Notes which apps there are, stops the keeper, and keeps a copy of its store. */
async function putAside(
  { machine, home, store, supervisor, ask }: UpgradePorts,
  { from, to }: { from: Installed; to: Installed },
): Promise<void> {
  // A keeper that was stopped by a run that was cut has said it already.
  const said = await ask().catch(() => null)
  if (said !== null && said.version === from.version)
    await machine.write(saidOf(home), JSON.stringify(said.apps), 0o600)
  await supervisor.stop('keeper')
  const busy = store.busy(storeOf(home))
  if (busy !== null)
    throw new Failure('upgrade.busy', 'the keeper is busy', {
      why: `${busy} was begun meanwhile, and another version may not know how to go on with it`,
      fix: 'wait for it (`inn history` shows it), then try again',
    })
  store.copy(storeOf(home), keptOf(home, to))
}

/** Puts the store back as it was kept. What the new keeper made of it stays beside it. */
function giveBack({ home, store }: UpgradePorts, to: Installed): string {
  const changed = `${storeOf(home)}.of-${to.version}`
  store.copy(storeOf(home), changed)
  store.put(keptOf(home, to), storeOf(home))
  return `the store of ${to.version} lies in ${changed}`
}

/** Has an Innkeeper define the services of keeper and edge: only that version knows how its own are started. */
async function define({ machine, home }: UpgradePorts, { folder, version }: Installed): Promise<void> {
  const argv = [`${folder}/inn`, 'keeper', 'define']
  const { code, tail } = await machine.exec(argv, { timeoutMs: DEFINE_MS, env: { INNKEEPER_HOME: home } })
  if (code === 0) return
  throw new Failure('upgrade.define', `${version} could not define its services`, {
    why: telling(tail),
    fix: `\`${folder}/inn up\` defines them and says more`,
  })
}

/** Waits until the keeper answers as it should. Failure `upgrade.silent`. */
async function answers(
  { machine, home, clock, ask, supervisor }: UpgradePorts,
  version: string,
  signal?: AbortSignal,
): Promise<void> {
  const apps = JSON.parse((await machine.read(saidOf(home))) ?? '[]') as Said['apps']
  const last = clock.now() + ANSWERS_WITHIN_SECONDS * 1_000
  let wrong: string | null = null
  for (let since = clock.now(); clock.now() < last; await clock.sleep(LOOK_MS, signal)) {
    signal?.throwIfAborted()
    wrong = await ask().then(
      said => wrongIn(said, { version, apps }),
      error => describe(error).what,
    )
    if (wrong !== null) since = clock.now()
    else if (clock.now() - since >= STEADY_MS) return
    const { crashes } = (await supervisor.state('keeper')) ?? { crashes: 0 }
    if (crashes < MOST_ENDS) continue
    wrong = `it ended ${crashes} times`
    break
  }
  const log = (await machine.read(`${home}/log/keeper/current`)) ?? ''
  throw new Failure('upgrade.silent', `the keeper of ${version} does not answer rightly`, {
    why: `${wrong ?? 'it did so not for long'}; its log ends with\n${telling(log)}`,
    fix: 'all of it: `tail -n 50 $INNKEEPER_HOME/log/keeper/current`',
  })
}
