import { describe } from '../../kernel/failure.ts'
import type { Told } from './apart.ts'
import { readArchived, readTexts, unpack } from './archive.ts'
import { digestOfFiles, digestOfPackages } from './digest.ts'

const VERBS = {
  unpack,
  read: readArchived,
  texts: readTexts,
  digest: digestOfFiles,
  packages: digestOfPackages,
}

// Run by apart.ts: unpack ARCHIVE FOLDER, read ARCHIVE FILE, texts ARCHIVE PATTERN, digest ARCHIVE FILE, or packages ARCHIVE FOLDER. It prints one JSON document.
if (import.meta.main) {
  const [verb, archive, other] = process.argv.slice(2) as [keyof typeof VERBS, string, string]
  const told: Told = await VERBS[verb](archive, other).then(
    value => ({ value }),
    error => ({ failure: describe(error) }),
  )
  process.stdout.write(JSON.stringify(told))
}
