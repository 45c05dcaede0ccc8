import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import type { Answered, Asking, Provider } from '../../apps/references/ports.ts'
import { MOST_BYTES } from '../../apps/references/rule.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Confinement } from '../../servers/confinement/confinement.ts'
import { cgroupFolder } from './cgroups.ts'
import { start } from './exec.ts'
import { tailOf } from './tail.ts'
import { files } from './tree.ts'
import { endReferences, referencesAccount } from './users.ts'

/** Letters of standard error that are kept. */
const TAIL = 4_096
/** What a command left running may hold its output open for so long after it has ended itself. */
const DRAINED_MS = 300
const LIMITS = { files: 4_096, processes: 1_024, memory: 1024 ** 3 }

/** The home of Innkeeper, and the folder in it where each command gets one of its own. */
interface At {
  root: string
  folder: string
}

/**
 * Runs commands that say the value of a secret. Each has a folder of its own as its HOME, which goes with it, and sees
 * nothing of the home of Innkeeper. All of them run as one user: an admin of the server has named each of them.
 */
export function provider(at: At, network: Readonly<Record<string, string>>): Provider {
  let running = 0
  /** Nothing of that user runs, and no folder is left: also of a keeper that was killed. */
  let cleared: Promise<void> | null = null
  const clear = async () => {
    try {
      await endReferences(at.root)
      await files.remove(at.folder)
    } catch (error) {
      // The next one tries it again.
      cleared = null
      throw error
    }
  }
  return async asking => {
    cleared ??= clear()
    await cleared
    running++
    try {
      return await answerOf(asking, await confined(at, join(at.folder, randomUUID())), network)
    } finally {
      running--
      // Only then, because what is left of one cannot be told from another that runs.
      if (running === 0) cleared = clear()
      await cleared
    }
  }
}

async function confined(at: At, folder: string): Promise<Confinement> {
  const [inside, tmp] = [join(folder, 'home'), join(folder, 'tmp')]
  const user = await referencesAccount(at.root)
  for (const path of [at.folder, folder]) await files.give(path, null, 0o711)
  await files.give(inside, user, 0o700)
  await files.temporary(tmp, at.root)
  const cgroups = cgroupFolder(at.root)
  return {
    ...{ user, home: at.root, shown: [inside], tmp, inside, limits: LIMITS, gate: null },
    cgroup: cgroups === null ? null : join(cgroups, 'references'),
  }
}

async function answerOf(
  { argv, env, timeoutMs, signal }: Asking,
  confinement: Confinement,
  network: Readonly<Record<string, string>>,
): Promise<Answered> {
  const output: Buffer[] = []
  let bytes = 0
  const large = new Error('it printed too much')
  const said = tailOf(TAIL)
  const stdout = new Writable({
    write(chunk: Buffer, _, done) {
      bytes += chunk.length
      // One line break at the end is none of the value.
      if (bytes > MOST_BYTES + 1) stop(large)
      else output.push(chunk)
      done()
    },
  })
  const own = { HOME: confinement.inside, TMPDIR: '/tmp', LANG: 'C.UTF-8' }
  const { child, finished, stop } = await start(
    { argv, env: { ...network, ...env, ...own }, confinement, timeoutMs, ...(signal && { signal }) },
    { stdout, stderr: said.stream() },
  )
  // Its end is the end, whoever still holds the pipes: a process of a session of its own would hold them for ever.
  child.on('exit', () =>
    setTimeout(() => {
      child.stdout?.destroy()
      child.stderr?.destroy()
    }, DRAINED_MS),
  )
  const ended = (how: Answered['ended'], code: number | null): Answered => ({
    ended: how,
    code,
    output: Buffer.concat(output),
    said: said.text(),
  })
  try {
    return ended('itself', (await finished).code)
  } catch (error) {
    if (error === large) return ended('large', null)
    if (error instanceof Failure && error.code === 'exec.timeout') return ended('late', null)
    throw error
  }
}
