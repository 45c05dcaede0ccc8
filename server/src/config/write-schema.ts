import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { jsonSchema } from './json-schema.ts'
import { fillTables } from './keys.ts'

// To be run by hand after a change of schema.ts. Tests fail when it was forgotten.
if (import.meta.main) {
  const root = join(import.meta.dirname, '../../..')
  // Short lists are put on one line, as the formatter of the repository does.
  const text = JSON.stringify(jsonSchema(), null, 2).replaceAll(
    /\[\n\s+([^[\]{}]+?)\n\s+\]/g,
    (_all, inner: string) => `[${inner.replaceAll(/\n\s+/g, ' ')}]`,
  )
  writeFileSync(join(root, 'docs/innkeeper.schema.json'), `${text}\n`)
  const reference = join(root, 'docs/innkeeper-yaml.md')
  writeFileSync(reference, fillTables(readFileSync(reference, 'utf8')))
}
