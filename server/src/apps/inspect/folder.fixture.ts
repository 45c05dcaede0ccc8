import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { readConfig } from '../../config/read.ts'
import type { Facts } from './facts.ts'
import { openFolder } from './folder.ts'
import { gather } from './gather.ts'
import type { Proposal } from './proposal.ts'
import { propose } from './propose.ts'
import type { Repository } from './repositories.fixture.ts'
import { write } from './write.ts'

/** A folder with these files; it is removed after the test. */
export async function folderWith(t: TestContext, files: Repository): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'inn-init-'))
  t.after(() => rm(root, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  return root
}

/** Gathers facts, proposes a file, writes it, and reads it back as the keeper would. */
export async function proposed(root: string): Promise<{ facts: Facts; proposal: Proposal; text: string }> {
  const facts = await gather(await openFolder(root), 'hostel')
  const proposal = propose(facts)
  const text = write(proposal)
  const { problems } = readConfig(text)
  assert.deepEqual(problems, [], text)
  return { facts, proposal, text }
}

export const json = (value: unknown): string => JSON.stringify(value)

export const packageJson = (dependencies: string[], more: object = {}): string =>
  json({
    name: 'shop',
    scripts: { start: 'node server.js' },
    dependencies: Object.fromEntries(dependencies.map(name => [name, '1'])),
    ...more,
  })

export const SERVER = 'const app = express()\napp.listen(process.env.PORT)\n'

/** What is proposed for a small server of Express with these files in addition, or instead of its own. */
export async function foundIn(t: TestContext, files: Repository) {
  const own = { 'package.json': packageJson(['express']), 'package-lock.json': '{}', 'server.js': SERVER }
  const { proposal, text } = await proposed(await folderWith(t, { ...own, ...files }))
  return { ...proposal.config, text, warnings: proposal.warnings }
}
