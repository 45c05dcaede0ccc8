import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { jsonSchema } from './json-schema.ts'
import { fillTables } from './keys.ts'

// Run by hand after a change of schema.ts; tests compare and say so.
if (import.meta.main) {
  const root = join(import.meta.dirname, '../../..')
  // Short lists on one line, as the formatter of the repository has them.
  const text = JSON.stringify(jsonSchema(), null, 2).replaceAll(
    /\[\n\s+([^[\]{}]+?)\n\s+\]/g,
    (_all, inner: string) => `[${inner.replaceAll(/\n\s+/g, ' ')}]`,
  )
  writeFileSync(join(root, 'docs/innkeeper.schema.json'), `${text}\n`)
  const reference = join(root, 'docs/innkeeper-yaml.md')
  writeFileSync(reference, fillTables(readFileSync(reference, 'utf8')))
}
