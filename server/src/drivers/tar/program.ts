import { describe } from '../../kernel/failure.ts'
import type { Told } from './apart.ts'
import { readArchived, unpack } from './archive.ts'

// Run by apart.ts: unpack ARCHIVE FOLDER, or read ARCHIVE FILE. It prints one JSON document.
if (import.meta.main) {
  const [verb, archive, other] = process.argv.slice(2) as [string, string, string]
  const work = verb === 'unpack' ? unpack(archive, other) : readArchived(archive, other)
  const told: Told = await work.then(
    value => ({ value }),
    error => ({ failure: describe(error) }),
  )
  process.stdout.write(JSON.stringify(told))
}
