import { describe } from '../../kernel/failure.ts'
import type { Told } from './apart.ts'
import { readArchived, unpack } from './archive.ts'
import { digestOfFiles } from './digest.ts'

const VERBS = { unpack, read: readArchived, digest: digestOfFiles }

// Run by apart.ts: unpack ARCHIVE FOLDER, read ARCHIVE FILE, or digest ARCHIVE FILE. It prints one JSON document.
if (import.meta.main) {
  const [verb, archive, other] = process.argv.slice(2) as [keyof typeof VERBS, string, string]
  const told: Told = await VERBS[verb](archive, other).then(
    value => ({ value }),
    error => ({ failure: describe(error) }),
  )
  process.stdout.write(JSON.stringify(told))
}
