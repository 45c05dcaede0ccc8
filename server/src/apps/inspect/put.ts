import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Written to another name and renamed, so that a full disk leaves the old file and not half of a new one. */
export async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${path}.half`, text)
  await rename(`${path}.half`, path)
}
