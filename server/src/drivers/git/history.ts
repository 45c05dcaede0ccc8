import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { Failure } from '../../kernel/failure.ts'
import { wholeLines } from '../../kernel/lines.ts'
import { SYSTEM_PATH, start } from '../host/exec.ts'
import { git } from './git.ts'

/** A history of a decade takes a minute. */
const LONGEST_MS = 20 * 60_000

/** No program that the repository names runs: it may be of a stranger. */
const LOG = [
  ...[
    '-c',
    'core.quotePath=false',
    '-c',
    'core.fsmonitor=false',
    'log',
    '--all',
    '--topo-order',
    '--no-color',
  ],
  ...[
    '--no-ext-diff',
    '--no-textconv',
    '--diff-filter=AM',
    '-p',
    '-U0',
    '--relative',
    '--format=commit:%h %cs',
    '--',
    '.',
  ],
]

/** Lines that commits of all branches added below a folder, as `git log -p` writes them. */
export async function* history(folder: string): AsyncGenerator<string> {
  if ((await git(folder, ['rev-parse', '--verify', '-q', 'HEAD'])).code !== 0) return
  const stdout = new PassThrough({ encoding: 'utf8' })
  const { child, finished } = await start(
    {
      argv: ['git', '-C', folder, ...LOG],
      env: { PATH: process.env['PATH'] ?? SYSTEM_PATH, HOME: process.env['HOME'] ?? '/' },
      timeoutMs: LONGEST_MS,
    },
    { stdout },
  )
  void once(child.stdout!, 'end').then(
    () => stdout.end(),
    () => stdout.end(),
  )
  yield* wholeLines(stdout)
  const { code, tail } = await finished
  if (code === 0) return
  throw new Failure('source.git', 'the history of the folder could not be read', {
    why: tail.trim(),
    fix: '`git fsck` says whether the repository is whole; without the history: `--no-history`',
  })
}
