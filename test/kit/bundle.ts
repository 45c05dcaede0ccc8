import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rolldown } from 'rolldown'

const PACKAGES = join(import.meta.dirname, '../../node_modules')
/** Both are only asked for by those who have them. */
const OPTIONAL = ['pg-native', 'pg-cloudflare']

/** A source of a test app with node-postgres in it, as one file: its deploy needs no install. */
export async function withPg(source: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'inn-bundle-'))
  try {
    const input = join(folder, 'in.js')
    const pg = JSON.stringify(join(PACKAGES, 'pg/lib/index.js'))
    await writeFile(input, source.replace("require('pg')", `require(${pg})`))
    const bundle = await rolldown({ input, platform: 'node', external: OPTIONAL, logLevel: 'silent' })
    await bundle.write({ file: join(folder, 'out.js'), format: 'cjs' })
    await bundle.close()
    return await readFile(join(folder, 'out.js'), 'utf8')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
