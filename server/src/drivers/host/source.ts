import { constants } from 'node:fs'
import { type FileHandle, open, readdir, realpath } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { Failure } from '../../kernel/failure.ts'
import { showSize } from '../../kernel/sizes.ts'
import type { Source, Sources } from '../../kernel/source.ts'

const LARGEST = 8 * 1024 * 1024
const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = constants

/**
 * Reads files of an app as root. Links are resolved once and must end inside the folder. Then the resolved path is opened
 * part by part with descriptors that follow no link, so that a link that was put there meanwhile is an error. Named pipes
 * are opened without waiting and refused.
 */
export const sources: Sources = (folder: string): Source => ({
  async text(path) {
    const found = await opened(folder, path, O_RDONLY | O_NONBLOCK)
    if (found === null) return null
    try {
      const info = await found.stat()
      if (!info.isFile()) throw refused(path, 'it is no regular file')
      if (info.size > LARGEST)
        throw refused(path, `it has ${showSize(info.size)}, more than ${showSize(LARGEST)}`)
      const buffer = Buffer.alloc(info.size)
      const { bytesRead } = await found.read(buffer, 0, info.size, 0)
      return buffer.toString('utf8', 0, bytesRead)
    } finally {
      await found.close()
    }
  },

  async has(path) {
    const inside = await resolved(folder, path).catch((error: unknown) => {
      if (error instanceof Failure) return null
      throw error
    })
    return inside !== null
  },

  async names(path) {
    const found = await opened(folder, path, O_RDONLY | O_DIRECTORY)
    if (found === null) return null
    try {
      return await readdir(`/proc/self/fd/${found.fd}`)
    } finally {
      await found.close()
    }
  },
})

/** The parts of a path below the folder, with links resolved; null: it does not exist. */
async function resolved(folder: string, path: string): Promise<string[] | null> {
  try {
    const [top, real] = await Promise.all([realpath(folder), realpath(join(folder, path))])
    if (real === top) return []
    if (!real.startsWith(`${top}${sep}`)) throw refused(path, 'a link leads out of the release')
    return relative(top, real).split(sep)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    if (code === 'ELOOP') throw refused(path, 'its links lead in a circle')
    throw error
  }
}

async function opened(folder: string, path: string, flags: number): Promise<FileHandle | null> {
  const way = await resolved(folder, path)
  if (way === null) return null
  let at = await open(folder, O_RDONLY | O_DIRECTORY)
  for (const [n, name] of way.entries()) {
    const last = n === way.length - 1
    const next = await open(
      `/proc/self/fd/${at.fd}/${name}`,
      O_NOFOLLOW | (last ? flags : O_RDONLY | O_DIRECTORY),
    ).catch((error: NodeJS.ErrnoException) => error)
    await at.close()
    if (next instanceof Error) throw refused(path, `it changed while it was opened (${next.code})`)
    at = next
  }
  return at
}

const refused = (path: string, why: string): Failure =>
  new Failure('source.refused', `${path} of the release cannot be read`, {
    why,
    fix: 'make it a regular file of the repository, then deploy again',
  })
