import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Tracked } from '../../cli/checkout.ts'
import { Failure } from '../../kernel/failure.ts'
import { count, list } from '../../kernel/words.ts'
import { git } from './git.ts'

/**
 * In a git repository: the tracked files, those of its submodules too, as they are in the folder. Elsewhere: all files
 * that .gitignore does not name.
 */
export async function tracked(folder: string): Promise<Tracked> {
  const found = await git(folder, CACHED)
  if (found.code === 0 && found.stdout !== '') return fromGit(folder, split(found.stdout))
  const inside = await git(folder, ['rev-parse', '--is-inside-work-tree'])
  return {
    paths: await notIgnored(folder),
    commit: null,
    notices: [
      `${inside.code === 0 ? 'git tracks no file here yet' : 'not a git repository'}: all files but the ignored ones are deployed`,
    ],
  }
}

/**
 * The same files, and nothing else about them: git reads the list of them alone, so that no program runs that the
 * repository names for their contents.
 */
export async function listed(folder: string): Promise<string[]> {
  const is = await stat(folder).catch(() => null)
  if (is?.isDirectory() !== true) {
    throw new Failure('source.no-folder', 'there is no such folder', {
      why: `${resolve(folder)} is not a folder`,
      fix: '`inn secrets scan FOLDER`, with the folder of a source',
    })
  }
  const [found, own] = await Promise.all([
    git(folder, CACHED),
    git(folder, ['ls-files', '-z', '--others', '--exclude-standard', '--', 'innkeeper.yaml']),
  ])
  return found.code === 0 && found.stdout !== '' ? split(found.stdout + own.stdout) : notIgnored(folder)
}

const CACHED = ['ls-files', '-z', '--cached', '--recurse-submodules']

/** git decides what is ignored, with an empty repository elsewhere, because this folder has none. */
async function notIgnored(folder: string): Promise<string[]> {
  const scratch = await mkdtemp(join(tmpdir(), 'inn-git-'))
  try {
    const env = { GIT_DIR: join(scratch, 'git'), GIT_WORK_TREE: resolve(folder) }
    await git(folder, ['init', '-q'], env)
    const listing = ['ls-files', '-z', '--others', '--exclude-standard', '-x', 'node_modules', '-x', '.git']
    const all = await git(folder, listing, env)
    if (all.code === 0) return split(all.stdout)
    throw new Failure('source.git', 'the files of the folder could not be listed', {
      why: all.tail.trim(),
      fix: '`apt-get install git`',
    })
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

const split = (text: string): string[] => [...new Set(text.split('\0').filter(path => path !== ''))]

async function fromGit(folder: string, all: string[]): Promise<Tracked> {
  const [head, dirty, others, staged, modules] = await Promise.all([
    git(folder, ['log', '-1', '--format=%h %s']),
    git(folder, ['diff', '--name-only', '-z', 'HEAD', '--relative', '.']),
    git(folder, ['ls-files', '-z', '--others', '--exclude-standard']),
    git(folder, ['ls-files', '-z', '--cached', '--stage']),
    git(folder, ['submodule', 'status', '--recursive']),
  ])
  checkSubmodules(split(staged.stdout), modules.stdout, new Set(all))
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
  return { paths: untracked.includes('innkeeper.yaml') ? [...all, 'innkeeper.yaml'] : all, commit, notices }
}

/**
 * git names a submodule that is not checked out by its folder alone: its files would be missing in what is deployed.
 * `status`: of all submodules, also those inside of others; git tells none when it does not know where one comes from.
 */
function checkSubmodules(staged: readonly string[], status: string, all: ReadonlySet<string>): void {
  const links = staged.flatMap(line => /^160000 [0-9a-f]+ \d\t(.+)$/s.exec(line)?.[1] ?? [])
  const inner = [...status.matchAll(/^-[0-9a-f]+ (.+)$/gm)].map(match => match[1]!)
  const empty = [...new Set([...links.filter(path => all.has(path)), ...inner.filter(path => all.has(path))])]
  if (empty.length === 0) return
  const [it, is] = empty.length === 1 ? ['submodule', 'is'] : ['submodules', 'are']
  throw new Failure('source.submodule', `the ${it} ${list(empty)} ${is} not checked out here`, {
    why: 'its files are of another repository, and would be missing in what is deployed',
    fix: all.has('.gitmodules')
      ? '`git submodule update --init --recursive`, or `git rm` it when nothing needs it'
      : `no .gitmodules says where it comes from, so it is a repository that was added by mistake: remove ${empty[0]}/.git, then \`git rm --cached ${empty[0]}\` and \`git add ${empty[0]}\``,
    facts: { submodules: empty },
  })
}
