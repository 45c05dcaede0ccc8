import { readFile } from 'node:fs/promises'
import type { Carried, Carrying } from '../../apps/releases/sealed.ts'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import { removeTree } from './files.ts'
import { execInto } from './pipe.ts'
import { type Entry, entriesOf, seal } from './seal.ts'

const LONGEST_MS = 600_000
/** Times to the nanosecond, as a seal has them. */
const FORM = '--format=posix'

/**
 * Copies the sealed files of one app's tree into the tree of another. Each side runs as its own app, so that neither
 * opens what the other one could not: one packs, the other unpacks. Failure `release.carried`.
 */
export async function carry(carrying: Carrying): Promise<Carried> {
  const { from, to, signal } = carrying
  const files = await toCarry(carrying)
  const outside = files.find(({ leads }) => leads.startsWith(`${from.tree}/`))
  if (outside !== undefined)
    throw failure(`${outside.path} is a link to where it was built`, `it leads to ${outside.leads}`)
  const common = { timeoutMs: LONGEST_MS, signal }
  const pack = {
    ...common,
    argv: ['tar', '--create', FORM, '--no-recursion', '--null', '--verbatim-files-from', '--files-from=-'],
    cwd: from.tree,
    input: files.map(({ path }) => `./${path}\0`).join(''),
    ...from.run,
  }
  const unpack = {
    ...common,
    // Zeros end an archive, and not the pipe: it must read on until nobody writes any more.
    argv: ['tar', '--extract', '--same-permissions', '--ignore-zeros', '--file=-'],
    cwd: to.tree,
    ...to.run,
  }
  const { code, tail } = await execInto(pack, unpack, 'packing the release')
  if (code !== 0) throw failure('its files could not be copied', telling(tail))
  return { files: files.length, differs: await differing(carrying, files) }
}

/** Whether a tree has the sealed files, as after `carry`, and nothing else. */
export async function carried(carrying: Carrying): Promise<Carried> {
  const files = await toCarry(carrying)
  return { files: files.length, differs: await differing(carrying, files) }
}

async function toCarry({ from, without }: Carrying): Promise<Entry[]> {
  const stays = (path: string) => without.some(out => path === out || path.startsWith(`${out}/`))
  return entriesOf(await readFile(from.seal, 'utf8')).filter(({ path }) => !stays(path))
}

/**
 * The path of a file that is not there as it was sealed, or that is there and was not asked for; null: there is none.
 * Whoever packs has the rights of the app that it packs, so that a process of that app may put into the archive what it likes.
 */
async function differing({ to }: Carrying, files: readonly Entry[]): Promise<string | null> {
  const list = `${to.seal}.carried`
  try {
    await seal(to.tree, list, 'everything')
    const there = entriesOf(await readFile(list, 'utf8'))
    return odd(files, there) ?? odd(there, files)
  } finally {
    await removeTree(list)
  }
}

/** The path of a file that is not the same among others. */
function odd(files: readonly Entry[], others: readonly Entry[]): string | null {
  const lines = new Set(others.map(({ line }) => line))
  return files.find(({ line }) => !lines.has(line))?.path ?? null
}

const failure = (what: string, why: string): Failure =>
  new Failure('release.carried', `the release cannot be taken over: ${what}`, {
    why,
    fix: '`inn deploy --environment NAME` builds it for that environment instead',
  })
