import { type Performers, performing } from '../../engine/run.ts'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import { list } from '../../kernel/words.ts'
import type { Answer, How } from '../setup/machine.ts'
import { fileSteps } from '../setup/perform.ts'
import type { Said } from './facts.ts'
import { STAMP } from './observe.ts'
import { performSwap } from './perform-swap.ts'
import type { UpgradePorts } from './ports.ts'
import { wrongIn } from './reading.ts'
import type { UpgradeStep } from './step.ts'

const MINUTE = 60_000

/** What each step of an upgrade does. */
export const performUpgrade = (ports: UpgradePorts) => {
  const files = fileSteps(ports)
  return performing<UpgradeStep>({
    'setup.file': files['setup.file'],
    'setup.unfile': files['setup.unfile'],
    'setup.link': files['setup.link'],
    'setup.unlink': files['setup.unlink'],
    ...bringing(ports),
    'upgrade.rehearse': step => rehearse(ports, step),
    ...performSwap(ports),
  })
}

/** Runs a program; any code but 0 is a Failure with what it said. */
async function ran({ machine }: UpgradePorts, argv: readonly string[], how: How = {}): Promise<Answer> {
  const done = await machine.exec(argv, { timeoutMs: 2 * MINUTE, ...how })
  if (done.code === 0) return done
  throw new Failure('upgrade.failed', `${argv.slice(0, 2).join(' ')} failed`, {
    why: `${argv.join(' ')} ended with ${done.code}\n${telling(done.tail)}`,
    fix: 'the lines above are what it printed; correct that, then `inn upgrade` again',
  })
}

type Bringing = 'upgrade.unpack' | 'upgrade.discard' | 'upgrade.bring' | 'upgrade.packages'

function bringing(ports: UpgradePorts): Pick<Performers<UpgradeStep>, Bringing> {
  const run = (argv: readonly string[], how?: How) => ran(ports, argv, how)
  return {
    async 'upgrade.unpack'({ tarball, folder }) {
      // Beside its place first: what stands there with the name of a version is whole.
      const beside = `${folder}.unpacking`
      await run(['rm', '-rf', '--', beside, folder])
      await run(['mkdir', '-p', '--', beside])
      await run(['tar', '-xzf', tarball.path, '-C', beside, '--strip-components=1', '--no-same-owner'])
      await ports.machine.write(`${beside}/${STAMP}`, tarball.sha256, 0o644)
      await run(['mv', '-T', '--', beside, folder])
    },
    'upgrade.discard': async ({ folder }) =>
      void (await run(['rm', '-rf', '--', folder, `${folder}.unpacking`])),
    // The launcher brings what is missing before it runs.
    'upgrade.bring': async ({ folder }, { say }) =>
      void (await run([`${folder}/inn`, '--version'], { timeoutMs: 20 * MINUTE, onLine: say })),
    'upgrade.packages': async ({ folder, packages }, { say }) => {
      const argv = [`${folder}/inn`, 'bring-packages', ...packages]
      await run(argv, { timeoutMs: 40 * MINUTE, onLine: say })
    },
  }
}

/** Where a rehearsal has its copy of the store. */
export const rehearsalIn = (home: string): string => `${home}/run/rehearsal`

/** Has the new version open a copy of the store and say what it finds there. */
async function rehearse(
  ports: UpgradePorts,
  { to }: Extract<UpgradeStep, { kind: 'upgrade.rehearse' }>,
): Promise<string> {
  const { machine, home, store, ask } = ports
  const scratch = rehearsalIn(home)
  const clear = () => ran(ports, ['rm', '-rf', '--', scratch])
  await clear()
  try {
    await ran(ports, ['install', '-d', '-m', '700', scratch, `${scratch}/run`])
    for (const file of ['settings.json', 'keeper.key']) {
      const text = await machine.read(`${home}/${file}`)
      // An earlier version had no key.
      if (text !== null) await machine.write(`${scratch}/${file}`, text, 0o600)
    }
    const { apps } = await ask()
    store.copy(`${home}/keeper.db`, `${scratch}/keeper.db`)
    const done = await machine.exec([`${to.folder}/inn`, 'keeper', 'rehearse'], {
      timeoutMs: 2 * MINUTE,
      env: { INNKEEPER_HOME: scratch },
    })
    const said = done.code === 0 ? saidIn(done.out) : null
    const wrong = said === null ? telling(done.tail) : wrongIn(said, { version: to.version, apps })
    if (wrong !== null) throw refused(to.version, wrong)
    return apps.length === 0 ? 'there is no app yet' : `it knows all of ${list(apps.map(({ name }) => name))}`
  } finally {
    await clear()
  }
}

/** The last line of what it printed; before it stand lines of its log. */
function saidIn(out: string): Said | null {
  try {
    return JSON.parse(out.trim().split('\n').at(-1) ?? '') as Said
  } catch {
    return null
  }
}

const refused = (version: string, why: string): Failure =>
  new Failure('upgrade.rehearsal', `${version} failed on a copy of the store`, {
    why,
    fix: 'the present keeper was not touched; report this to whoever made that version',
  })
