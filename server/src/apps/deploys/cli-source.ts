import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from '../../cli/client.ts'
import { invalid } from '../../config/read.ts'
import { tracked } from '../../drivers/git/tracked.ts'
import { pack, packable } from '../../drivers/tar/archive.ts'
import { list } from '../../kernel/words.ts'
import { lacking } from '../releases/cli-unfit.ts'

export interface Source {
  digest: string
  /** Commit and subject, with a mark when there are changes on top; null outside git. */
  commit: string | null
  bytes: number
  files: number
  /** What a person should know about the folder before it is deployed. */
  notices: string[]
}

type Read = Parameters<typeof lacking>[2]

/** Work with an empty folder of its own, which is gone afterwards. */
async function inScratch<T>(work: (scratch: string) => Promise<T>): Promise<T> {
  const scratch = await mkdtemp(join(tmpdir(), 'inn-source-'))
  try {
    return await work(scratch)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** Refuses a folder that lacks what its innkeeper.yaml names. Failure `config.invalid`. */
export const checkSource = (folder: string, read: Read): Promise<void> =>
  inScratch(async scratch => checkPaths(folder, (await tracked(folder, scratch)).paths, read))

async function checkPaths(folder: string, paths: readonly string[], read: Read): Promise<void> {
  const problems = await lacking(folder, paths, read)
  if (problems.length > 0) throw invalid(problems)
}

/** Packs the source in a folder, and sends it unless the keeper has it already. */
export const sendSource = (folder: string, client: Client, read: Read): Promise<Source> =>
  inScratch(async scratch => {
    const { paths, commit, notices } = await tracked(folder, scratch)
    await checkPaths(folder, paths, read)
    const kept = await packable(folder, paths)
    const taken = new Set(kept)
    const lost = paths.filter(path => !taken.has(path))
    if (lost.length > 0)
      notices.push(
        `left out, because they are gone, link out of the folder or begin like a path of Windows: ${list(lost.slice(0, 5))}${lost.length > 5 ? ', …' : ''}`,
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
  })
