import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from '../../cli/client.ts'
import { exec, SYSTEM_PATH } from '../../drivers/host/exec.ts'
import { pack, packable } from '../../drivers/tar/archive.ts'
import { Failure } from '../../kernel/failure.ts'
import { count, list } from '../../kernel/words.ts'

export interface Source {
  digest: string
  /** Commit and subject, with a mark when there are changes on top; null outside git. */
  commit: string | null
  bytes: number
  files: number
  /** What a person should know about the folder before it is deployed. */
  notices: string[]
}

const git = async (folder: string, args: readonly string[], env: Record<string, string> = {}) =>
  exec({
    argv: ['git', '-C', folder, '-c', 'core.quotePath=false', ...args],
    env: { PATH: process.env['PATH'] ?? SYSTEM_PATH, HOME: process.env['HOME'] ?? '/', ...env },
    timeoutMs: 60_000,
  })

/** Packs the source in a folder, and sends it unless the keeper has it already. */
export async function sendSource(folder: string, client: Client): Promise<Source> {
  const scratch = await mkdtemp(join(tmpdir(), 'inn-source-'))
  try {
    const { paths, commit, notices } = await sourceOf(folder, scratch)
    const kept = await packable(folder, paths)
    const lost = paths.filter(path => !kept.includes(path))
    if (lost.length > 0)
      notices.push(
        `left out, because they are gone or link out of the folder: ${list(lost.slice(0, 5))}${lost.length > 5 ? ', …' : ''}`,
      )
    const archive = join(scratch, 'source.tgz')
    await pack(folder, kept, archive)
    const hash = createHash('sha256')
    for await (const chunk of createReadStream(archive)) hash.update(chunk as Buffer)
    const digest = hash.digest('hex')
    const { size } = await stat(archive)
    const { present } = await client.get<{ present: boolean }>(`/api/uploads/${digest}`)
    if (!present) await client.put(`/api/uploads/${digest}`, createReadStream(archive), size)
    return { digest, commit, bytes: size, files: kept.length, notices }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** In a git repository: the tracked files, as they are in the folder. Elsewhere: all files that .gitignore does not name. */
async function sourceOf(
  folder: string,
  scratch: string,
): Promise<{ paths: string[]; commit: string | null; notices: string[] }> {
  const tracked = await git(folder, ['ls-files', '-z', '--cached'])
  if (tracked.code === 0 && tracked.stdout !== '') return fromGit(folder, split(tracked.stdout))
  const inside = await git(folder, ['rev-parse', '--is-inside-work-tree'])
  // git decides what is ignored, with an empty repository elsewhere, because this folder has none.
  const env = { GIT_DIR: join(scratch, 'git'), GIT_WORK_TREE: folder }
  await git(folder, ['init', '-q'], env)
  const all = await git(
    folder,
    ['ls-files', '-z', '--others', '--exclude-standard', '-x', 'node_modules', '-x', '.git'],
    env,
  )
  if (all.code !== 0)
    throw new Failure('source.git', 'the files of the folder could not be listed', {
      why: all.tail.trim(),
      fix: '`apt-get install git`',
    })
  return {
    paths: split(all.stdout),
    commit: null,
    notices: [
      `${inside.code === 0 ? 'git tracks no file here yet' : 'not a git repository'}: all files but the ignored ones are deployed`,
    ],
  }
}

const split = (text: string): string[] => text.split('\0').filter(path => path !== '')

async function fromGit(
  folder: string,
  tracked: string[],
): Promise<{ paths: string[]; commit: string | null; notices: string[] }> {
  const [head, dirty, others] = await Promise.all([
    git(folder, ['log', '-1', '--format=%h %s']),
    git(folder, ['diff', '--name-only', '-z', 'HEAD', '--relative', '.']),
    git(folder, ['ls-files', '-z', '--others', '--exclude-standard']),
  ])
  const changed = split(dirty.stdout)
  const untracked = split(others.stdout)
  const notices: string[] = []
  if (changed.length > 0)
    notices.push(
      `${count(changed.length, 'file')} with changes that are not committed: deployed as they lie here`,
    )
  const own = untracked.filter(path => path !== 'innkeeper.yaml')
  if (own.length > 0)
    notices.push(
      `not deployed, because git does not track them: ${list(own.slice(0, 5))}${own.length > 5 ? ', …' : ''}`,
    )
  const commit =
    head.code === 0
      ? `${head.stdout.trim().slice(0, 180)}${changed.length > 0 ? ' (with changes)' : ''}`
      : null
  return {
    paths: untracked.includes('innkeeper.yaml') ? [...tracked, 'innkeeper.yaml'] : tracked,
    commit,
    notices,
  }
}
