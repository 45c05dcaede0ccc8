import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Checkout, Tracked } from '../../cli/checkout.ts'
import type { Client } from '../../cli/client.ts'
import { invalid } from '../../config/read.ts'
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

/** What reads a folder, and what its innkeeper.yaml says. */
interface Sight {
  checkout: Checkout
  read: Omit<Parameters<typeof lacking>[2], 'templates'>
}

/** Refuses a folder that lacks what its innkeeper.yaml names. Failure `config.invalid`. */
export async function checkSource(folder: string, { checkout, read }: Sight): Promise<Tracked> {
  const found = await checkout.tracked(folder)
  const problems = await lacking(folder, found.paths, { ...read, templates: checkout.templates })
  if (problems.length > 0) throw invalid(problems)
  return found
}

/** Packs the source in a folder, and sends it unless the keeper has it already. */
export async function sendSource(folder: string, client: Client, sight: Sight): Promise<Source> {
  const { paths, commit, notices } = await checkSource(folder, sight)
  const kept = await sight.checkout.packable(folder, paths)
  const taken = new Set(kept)
  const lost = paths.filter(path => !taken.has(path))
  if (lost.length > 0)
    notices.push(
      `left out, because they are gone, link out of the folder or begin like a path of Windows: ${list(lost.slice(0, 5))}${lost.length > 5 ? ', …' : ''}`,
    )
  const scratch = await mkdtemp(join(tmpdir(), 'inn-source-'))
  try {
    const archive = join(scratch, 'source.tgz')
    await sight.checkout.pack(folder, kept, archive)
    return { ...(await sendArchive(archive, client)), commit, files: kept.length, notices }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function sendArchive(archive: string, client: Client): Promise<{ digest: string; bytes: number }> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(archive)) hash.update(chunk as Buffer)
  const digest = hash.digest('hex')
  const { size } = await stat(archive)
  const { present } = await client.get<{ present: boolean }>(`/api/uploads/${digest}`)
  if (!present) await client.put(`/api/uploads/${digest}`, createReadStream(archive), size)
  return { digest, bytes: size }
}
