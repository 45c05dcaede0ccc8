import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Uploads } from '../../apps/releases/uploads.ts'
import { Failure } from '../../kernel/failure.ts'
import { exists, makeFolder } from './files.ts'

const KEPT = 10

/** Uploaded source archives, each named by its sha256. The newest ten are kept, and those that are `needed`. */
export function uploads(folder: string, needed: () => Promise<ReadonlySet<string>>): Uploads {
  const pathOf = (digest: string) => join(folder, `${digest}.tgz`)
  return {
    has: (digest: string): Promise<boolean> => exists(pathOf(digest)),

    async save(digest: string, body: NodeJS.ReadableStream): Promise<void> {
      await makeFolder(folder, 0o700)
      const half = `${pathOf(digest)}.${process.pid}.${process.hrtime.bigint()}.half`
      const hash = createHash('sha256')
      try {
        await pipeline(
          body,
          async function* (source) {
            for await (const chunk of source) {
              hash.update(chunk as Buffer)
              yield chunk as Buffer
            }
          },
          createWriteStream(half, { mode: 0o600 }),
        )
        const found = hash.digest('hex')
        if (found !== digest)
          throw new Failure('upload.mismatch', 'the upload arrived damaged', {
            why: `its sha256 is ${found}, not ${digest}`,
            fix: 'send it again',
          })
        await rename(half, pathOf(digest))
      } finally {
        await rm(half, { force: true })
      }
      await prune(folder, await needed())
    },
  }
}

async function prune(folder: string, needed: ReadonlySet<string>): Promise<void> {
  const names = (await readdir(folder)).filter(
    name => name.endsWith('.tgz') && !needed.has(basename(name, '.tgz')),
  )
  const aged = await Promise.all(
    names.map(async name => ({ name, at: (await stat(join(folder, name))).mtimeMs })),
  )
  for (const { name } of aged.sort((a, b) => b.at - a.at).slice(KEPT))
    await rm(join(folder, name), { force: true })
}
