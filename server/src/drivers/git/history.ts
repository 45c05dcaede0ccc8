import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import type { History } from '../../cli/checkout.ts'
import { Failure } from '../../kernel/failure.ts'
import { wholeLines } from '../../kernel/lines.ts'
import { start } from '../host/exec.ts'
import { git, gitCommand } from './git.ts'

/** A history of a decade takes a minute. */
const LONGEST_MS = 20 * 60_000
/** A binary file may be one line of hundreds of megabytes, more than a string holds. */
const LONGEST_LINE = 100_000

/** Nothing here is left to the configuration of the repository: it could run programs, and hide lines. */
const LOG = [
  ...['-c', 'log.showRoot=true', 'log', '--all', '--topo-order', '--no-color', '--format=commit:%h %cs'],
  // What only a merge added is a change against its first parent, too.
  ...['-p', '-U0', '--inter-hunk-context=0', '--diff-merges=first-parent'],
  // A renamed file is one that was added, so that its changes are told.
  ...['--no-renames', '--diff-filter=AMT', '--submodule=short'],
  ...['--no-ext-diff', '--no-textconv', '--text', '--src-prefix=a/', '--dst-prefix=b/'],
  ...['--relative', '--', '.'],
]

/** What commits of all branches added below a folder. */
export async function history(folder: string): Promise<History | null> {
  const shallow = await git(folder, ['rev-parse', '--is-shallow-repository'])
  if (shallow.code === 0) return { shallow: shallow.stdout.trim() === 'true', lines: log(folder) }
  // The words of git for a folder that is in no repository; LC_ALL keeps them as they are.
  if (shallow.tail.includes('not a git repository (or any')) return null
  throw new Failure('source.git', 'git refuses to read the repository of the folder', {
    why: shallow.tail.trim(),
    fix: 'see what git says; without the history: `--no-history`',
  })
}

async function* log(folder: string): AsyncGenerator<string> {
  const stdout = new PassThrough({ encoding: 'utf8' })
  const { child, finished } = await start({ ...gitCommand(folder, LOG), timeoutMs: LONGEST_MS }, { stdout })
  void once(child.stdout!, 'end').then(
    () => stdout.end(),
    () => stdout.end(),
  )
  yield* wholeLines(shortened(stdout))
  const { code, tail } = await finished
  if (code === 0) return
  throw new Failure('source.git', 'the history of the folder could not be read', {
    why: tail.trim(),
    fix: '`git fsck` says whether the repository is whole; without the history: `--no-history`',
  })
}

/** The same text, with no more of a line than is read of it. */
async function* shortened(parts: AsyncIterable<string>): AsyncGenerator<string> {
  let length = 0
  for await (const text of parts)
    yield text
      .split('\n')
      .map((part, n) => {
        const before = n === 0 ? length : 0
        length = before + part.length
        return part.slice(0, Math.max(0, LONGEST_LINE - before))
      })
      .join('\n')
}
