import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'

const ROOT = join(import.meta.dirname, '..')
const inn = (...args: string[]) =>
  promisify(execFile)(process.execPath, [join(ROOT, 'server/src/bin/inn.js'), 'test', ...args]).then(
    ({ stdout }) => ({ code: 0, stdout, stderr: '' }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  )

interface Told {
  jobs: Array<{ name: string; passed: boolean; output: string }>
}

test('with --json there is one document and nothing else, also of tests that are not the quick ones', async () => {
  for (const quick of [[], ['--quick']]) {
    const { code, stdout } = await inn('kernel/output', '--json', ...quick)
    assert.equal(code, 0)
    const { jobs } = JSON.parse(stdout) as Told
    assert.deepEqual(
      jobs.map(job => [job.name, job.passed]),
      [[quick.length > 0 ? 'quick tests' : 'tests', true]],
    )
    assert.match(jobs[0]!.output, /pass \d+/)
  }
})

test('a pattern that no path has is a mistake of whoever typed it', async () => {
  const { code, stderr } = await inn('no/such/test', '--quick')
  assert.equal(code, 2)
  assert.match(stderr, /no quick test has "no\/such\/test" in its path/)
})

test('what is compiled is kept, and not below /tmp, where another user may have put it', async t => {
  const empty = await mkdtemp(join(tmpdir(), 'inn-t-'))
  t.after(() => rm(empty, { recursive: true }))
  const env = {
    ...process.env,
    TMPDIR: empty,
    NODE_COMPILE_CACHE: undefined,
    NODE_DEBUG_NATIVE: 'COMPILE_CACHE',
  }
  const entry = join(ROOT, 'server/src/bin/inn.js')
  const once = () => promisify(execFile)(process.execPath, [entry, '--version'], { env })
  await once()
  const { stderr } = await once()
  assert.match(stderr, /entry\.ts[^\n]*accepted/i)
  assert.deepEqual(await readdir(empty), [])
})

test('the temporary folder of tests is in memory where it can be, and nothing of it is left', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'inn-t-'))
  t.after(() => rm(folder, { recursive: true }))
  const script = 'cd "$TMPDIR" && stat -f -c "%n %T" "$TMPDIR" && mktemp -p "$TMPDIR" inn-t-XXXXXX'
  const { stdout } = await promisify(execFile)(join(ROOT, 'test/memory.sh'), [folder, 'sh', '-c', script], {
    env: { ...process.env, TMPDIR: tmpdir() },
  })
  const [where, file] = stdout.trim().split('\n')
  // Where nothing can be mounted, or memory is scarce.
  if (where!.startsWith(`${tmpdir()} `)) await rm(file!)
  else assert.equal(where, `${folder} tmpfs`)
  assert.deepEqual(await readdir(folder), [])
})
