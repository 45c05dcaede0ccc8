import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { programName } from '../../apps/app/names.ts'
import type { Runtimes } from '../../apps/releases/runtimes.ts'
import type { SqliteOrder } from '../../data/backups/ports.ts'
import type { Instead } from '../../data/repositories/snapshots.ts'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import type { Confinement } from '../../servers/confinement/confinement.ts'
import { exec, start } from '../host/exec.ts'
import { SQLITE } from './program.ts'

/** Longest time for one database: it may be large, and somebody may hold it. */
const LONGEST_MS = 3_600_000
/** What SQLite keeps beside a database while it is written to. The copy needs none of it. */
const BESIDE = ['-wal', '-shm', '-journal']

const Found = z.array(z.object({ path: z.string(), mode: z.number().int().min(0).max(0o777) }))

interface Options {
  /** The folder of an app's persistent files. */
  filesOf(app: string): string
  runtimes: Pick<Runtimes, 'node'>
  /** How a program of an app is held. `name`: of its control group. */
  confined(app: string, at: { inside: string; name: string }): Promise<Confinement>
}

/** Copies the SQLite databases among an app's files into a folder of root's, each as it was at one moment. */
export function sqliteCopies({ filesOf, runtimes, confined }: Options) {
  return async ({ app, into, signal }: SqliteOrder): Promise<Instead[]> => {
    const shared = filesOf(app)
    const node = join(await runtimes.node(SQLITE.node, signal), 'node')
    const confinement = await confined(app, { inside: shared, name: programName(app, 'sqlite') })
    const command = (...args: string[]) => ({
      argv: [
        node,
        '--disable-warning=ExperimentalWarning',
        '--input-type=commonjs',
        '-e',
        SQLITE.program,
        ...args,
      ],
      cwd: shared,
      env: {},
      confinement,
      timeoutMs: LONGEST_MS,
      signal,
      background: true,
    })
    const listed = await exec(command('list'))
    if (listed.code !== 0) throw unread('the files of the app', listed.tail)
    const copies: Instead[] = []
    for (const [n, { path, mode }] of read(listed.stdout).entries()) {
      const file = await open(join(into, String(n)), 'wx', 0o600)
      try {
        const done = await (await start(command('copy', path), { stdout: file.fd })).finished
        // Not a database, or damaged: whatever it is, its bytes are kept as they lie.
        if (done.code === SQLITE.unsound) continue
        if (done.code !== 0) throw unread(path, done.tail)
        const user = confinement.user
        if (user !== null) await file.chown(user.uid, user.gid)
        await file.chmod(mode)
        copies.push({ path, file: join(into, String(n)), without: BESIDE.map(end => path + end) })
      } finally {
        await file.close()
      }
    }
    return copies
  }
}

/** The program ran with the app's rights, so what it printed is taken for paths below the folder alone. */
function read(text: string): z.infer<typeof Found> {
  const within = (path: string) =>
    path.split('/').every(part => part !== '' && part !== '.' && part !== '..') && !path.includes('\0')
  return Found.parse(JSON.parse(text)).filter(({ path }) => within(path))
}

const unread = (what: string, tail: string): Failure =>
  new Failure('backup.sqlite', `the SQLite database ${what} cannot be copied as it was at one moment`, {
    why: telling(tail),
    fix: 'see what holds it locked; a copy of its bytes alone would be damaged, so none was made',
  })
