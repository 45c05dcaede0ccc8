import { open, readdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { Failure } from '../kernel/failure.ts'

/** The text of a folder's innkeeper.yaml. When a folder above has the file, the failure names that folder. */
export async function readAppFile(folder: string): Promise<string> {
  const root = resolve(folder)
  const text = await readBeginning(join(root, 'innkeeper.yaml')).catch(() => null)
  if (text !== null) return text
  const alike = await fileAlike(root)
  if (alike !== null) throw named(alike)
  const above = await fileAbove(root)
  throw new Failure('config.missing', 'there is no innkeeper.yaml here', {
    why: above === null ? `${root} has none` : `${root} has none, and ${above} has one`,
    fix: above === null ? '`inn init` looks at the folder and writes one' : `cd ${above}`,
  })
}

/** Reads only enough to see that a file is too large: it may be huge, or a device without an end. */
async function readBeginning(path: string): Promise<string> {
  const most = 1024 * 1024
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(most), 0, most)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}

const ALIKE = /^\.?inn-?keeper\.(?:ya?ml|json)$/i

/** A file of another name that its author took for the right one. */
export async function fileAlike(folder: string): Promise<string | null> {
  return (await namesIn(folder)).find(name => ALIKE.test(name) && name !== 'innkeeper.yaml') ?? null
}

const named = (alike: string): Failure =>
  new Failure('config.missing', 'there is no innkeeper.yaml here', {
    why: `there is ${alike}, and only the name innkeeper.yaml is read`,
    fix: alike.endsWith('.json') ? '`inn init` writes one' : `\`mv ${alike} innkeeper.yaml\``,
  })

/** Sorted; none of a folder that cannot be read. */
const namesIn = async (folder: string): Promise<string[]> => (await readdir(folder).catch(() => [])).sort()

async function fileAbove(root: string): Promise<string | null> {
  for (let folder = root; dirname(folder) !== folder; ) {
    folder = dirname(folder)
    if ((await namesIn(folder)).includes('innkeeper.yaml')) return folder
  }
  return null
}
