import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { pureTests } from './pure.ts'

const root = await mkdtemp(join(tmpdir(), 'inn-pure-'))
after(() => rm(root, { recursive: true }))

/** Whether `a.test.ts` counts as pure among these files. */
async function isPure(files: Record<string, string>): Promise<boolean> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(root, dirname(path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  return (await pureTests(root, ['a.test.ts'])).length === 1
}

test('a test is pure when all that it reaches only computes, reads or writes', async () => {
  const files = {
    'a.test.ts': "import { readFile } from 'node:fs/promises'\nimport { rule } from './noun/rule.ts'\n",
    'noun/rule.ts': "import './plan.ts'\nimport * as z from 'zod'\n",
    // In a circle, and in both directions.
    'noun/plan.ts': "export { rule } from './rule.ts'\n",
  }
  assert.equal(await isPure(files), true)
})

test('a test is not pure when it imports what starts a process or opens a connection, however far away', async () => {
  const far = {
    'a.test.ts': "import { rule } from './noun/rule.ts'\n",
    'noun/rule.ts': "import {\n  one,\n  type Two,\n} from '../drivers/exec.ts'\n",
  }
  for (const name of ['node:child_process', 'node:http', 'node:net', 'fastify', 'pg', '@aws-sdk/client-s3'])
    assert.equal(await isPure({ ...far, 'drivers/exec.ts': `import { x } from '${name}'\n` }), false, name)
  for (const line of ["import 'node:net'", "export * from 'node:net'", "export * as net from 'node:net'"])
    assert.equal(await isPure({ ...far, 'drivers/exec.ts': `${line}\n` }), false, line)
})

test('what is imported as a type alone is gone when the test runs', async () => {
  const files = {
    'a.test.ts': "import type { Rule } from './port.ts'\nexport type { Port } from './port.ts'\n",
    'port.ts': "import { connect } from 'node:net'\n",
  }
  assert.equal(await isPure(files), true)
})

test('what is loaded in the middle of a test counts; what a command would load when it is called does not', async () => {
  const files = { 'port.ts': "import { connect } from 'node:net'\n" }
  const loads = "export const later = () => import('./port.ts')\n"
  assert.equal(await isPure({ ...files, 'a.test.ts': loads }), false)
  assert.equal(await isPure({ ...files, 'a.test.ts': "import './b.ts'\n", 'b.ts': loads }), true)
})

test("Innkeeper's own tests are told apart", async () => {
  const project = join(import.meta.dirname, '..')
  const some = [
    'server/src/apps/deploys/plan.test.ts',
    'server/src/drivers/nginx/nginx.test.ts',
    'test/services.test.ts',
  ]
  assert.deepEqual(await pureTests(project, some), ['server/src/apps/deploys/plan.test.ts'])
})
