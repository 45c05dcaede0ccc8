import { rm } from 'node:fs/promises'
import type { Received } from '../../cli/checkout.ts'
import { Failure } from '../../kernel/failure.ts'
import { list } from '../../kernel/words.ts'
import { unpackApart } from '../tar/apart.ts'
import { git } from './git.ts'
import { OWN } from './own.ts'

/** Where git keeps objects of a push that it has not taken yet. */
const QUARANTINE = ['GIT_OBJECT_DIRECTORY', 'GIT_ALTERNATE_OBJECT_DIRECTORIES', 'GIT_QUARANTINE_PATH']

/** What a push brings to a bare repository of ours. Nothing is checked out, and no submodule is fetched. */
export function receivedIn(repository: string, from: NodeJS.ProcessEnv = process.env): Received {
  const kept = QUARANTINE.flatMap(name => (from[name] === undefined ? [] : [[name, from[name]]]))
  const env = { ...OWN, ...(Object.fromEntries(kept) as Record<string, string>), GIT_DIR: repository }
  const ask = (...args: string[]) => git(repository, args, env)
  const told = async (...args: string[]): Promise<string> => {
    const { code, stdout, tail } = await ask(...args)
    if (code === 0) return stdout.trim()
    throw new Failure('source.git', 'the commit cannot be read', {
      why: tail.trim(),
      fix: 'push it again; `git fsck` in your clone says whether it is whole there',
    })
  }
  return {
    branch: () => told('symbolic-ref', '--short', 'HEAD'),
    async at(ref) {
      const { code, stdout } = await ask('rev-parse', '--verify', '--quiet', ref)
      return code === 0 ? stdout.trim() : null
    },
    follows: async (commit, before) => (await ask('merge-base', '--is-ancestor', before, commit)).code === 0,
    async unpack(commit, folder) {
      const entries = (await told('ls-tree', '-r', '-z', commit)).split('\0').flatMap(entryOf)
      checkSubmodules(entries)
      const archive = `${folder}.tar`
      await told('archive', '--format=tar', '--output', archive, commit)
      await unpackApart(archive, folder)
      await rm(archive)
      const first = await told('rev-list', '--max-parents=0', commit)
      return {
        paths: entries.map(({ path }) => path),
        commit: (await told('log', '-1', '--format=%h %s', commit)).slice(0, 180),
        first: first.split('\n').slice(0, 20),
      }
    },
  }
}

interface Entry {
  mode: string
  path: string
}

function entryOf(line: string): Entry[] {
  const found = /^(\d+) \w+ [0-9a-f]+\t(.+)$/s.exec(line)
  return found === null ? [] : [{ mode: found[1]!, path: found[2]! }]
}

/** A commit has of a submodule its address alone, and whoever wrote the commit chose that. */
function checkSubmodules(entries: readonly Entry[]): void {
  const found = entries.filter(({ mode }) => mode === '160000').map(({ path }) => path)
  if (found.length === 0) return
  throw new Failure('source.submodule', `a push does not bring submodules: ${list(found)}`, {
    why: 'their files are of other repositories, and nothing is fetched for a push',
    fix: '`inn deploy` in a checkout that has them, or add their files to this repository',
    facts: { submodules: found },
  })
}
