import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** More would be a keeper that is gone for hours, and nobody who looks. */
const MOST = 10_000
const NAME = /^\d+-[0-9a-f]+\.json$/

/** A folder of things to be said later, a file for each. Several processes of an app share it. */
export interface Kept<T> {
  /** Writes one down: it is on the disk when this resolves. false: there is no room for more. */
  add(one: T): Promise<boolean>
  /** All of them, the oldest first, each read at its turn: what was removed meanwhile is left out. One that cannot be read is taken away. */
  all(): AsyncIterable<{ file: string; one: T }>
  remove(file: string): Promise<void>
}

/** Where an app that Innkeeper runs may write, over restarts and deploys: below its HOME. */
export const keptFolder = (subject: string): string =>
  join(process.env['INNKEEPER_SDK_FOLDER'] ?? join(homedir(), '.innkeeper-sdk'), subject)

export function keptIn<T>(folder: string, most = MOST): Kept<T> {
  const names = async (): Promise<string[]> =>
    (await readdir(folder).catch(() => [])).filter(name => NAME.test(name)).sort()
  return {
    async add(one) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      if ((await names()).length >= most) return false
      const name = `${String(Date.now()).padStart(15, '0')}-${randomBytes(8).toString('hex')}.json`
      const half = join(folder, `${name}.half`)
      const file = await open(half, 'w', 0o600)
      try {
        await file.writeFile(JSON.stringify(one))
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(half, join(folder, name))
      await synced(folder)
      return true
    },
    async *all() {
      for (const file of await names()) {
        const text = await readFile(join(folder, file), 'utf8').catch(() => null)
        // Another process has sent it meanwhile.
        if (text === null) continue
        const one = parsed<T>(text)
        if (one === null) await rm(join(folder, file), { force: true })
        else yield { file, one }
      }
    },
    remove: file => rm(join(folder, file), { force: true }),
  }
}

/** Until its folder is on the disk, too, a file has no name there. */
async function synced(folder: string): Promise<void> {
  const opened = await open(folder, 'r')
  try {
    await opened.sync()
  } finally {
    await opened.close()
  }
}

function parsed<T>(text: string): T | null {
  try {
    return JSON.parse(text) as T
  } catch {
    return null
  }
}
