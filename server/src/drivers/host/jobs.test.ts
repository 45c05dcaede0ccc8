import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { JobProgram, TryState } from '../../apps/jobs/runner.ts'
import { homeAt } from '../../config/home.ts'
import { confinement } from '../../servers/confinement/confinement.ts'
import { endJobs, jobRunner } from './jobs.ts'
import { killProcess, startTime } from './proc.ts'
import { files } from './tree.ts'

/** A runner, and what starts a script of the shell by it. */
async function jobs(t: TestContext) {
  const root = await mkdtemp(join(tmpdir(), 'inn-jobs-'))
  await chmod(root, 0o711)
  const home = homeAt(root)
  const { root: inside, tmp } = home.app('shop')
  await mkdir(inside, { recursive: true })
  await mkdir(home.runtimes)
  await files.temporary(tmp, root)
  const folder = join(root, 'jobs')
  const runner = jobRunner(folder)
  t.after(async () => {
    await endJobs(folder, null)
    await rm(root, { recursive: true, force: true, maxRetries: 5 })
  })
  const program = (script: string, more: Partial<JobProgram> = {}): JobProgram => ({
    ...{ argv: ['sh', '-c', script], cwd: inside, env: {}, timeoutMs: 60_000, graceMs: 1_000 },
    ...{ memoryBytes: null, hidden: {} },
    confinement: confinement({ home, app: 'shop', user: null, inside, cgroup: null }),
    ...more,
  })
  const of = (run: string, attempt = 1) => ({ app: 'shop', run, attempt })
  const until = async (run: string, wanted: TryState['state'], attempt = 1) => {
    for (let n = 0; n < 400; n++, await sleep(25)) {
      const now = await runner.state(of(run, attempt))
      if (now.state === wanted) return now
    }
    return assert.fail(`${run} is not ${wanted}`)
  }
  const ended = async (run: string, attempt = 1) => {
    const now = await until(run, 'ended', attempt)
    return now.state === 'ended' ? now.ended : null
  }
  const text = async (run: string) => (await runner.output({ app: 'shop', run }, 0)).bytes.toString()
  return { folder, inside, runner, program, of, until, ended, text }
}

/** The process that looks after the first try of a run. */
const helperOf = async (folder: string, run: string): Promise<number> =>
  Number((await readFile(join(folder, 'shop', run, '1.begun'), 'utf8')).split(' ')[0])

function mount(...argv: string[]) {
  const { status, stderr } = spawnSync(argv[0]!, argv.slice(1), { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
}

test('a run has its environment and folder, and its end and output are kept', async t => {
  const { runner, program, of, ended, text, inside } = await jobs(t)
  assert.deepEqual(await runner.state(of('a')), { state: 'none' })
  await runner.start(
    of('a'),
    program('echo "$WHO in $(pwd)"; echo bad >&2; exit 3', { env: { WHO: "it's me" } }),
  )
  assert.deepEqual(await ended('a'), { how: 'exit', code: 3, signal: null })
  assert.equal(await text('a'), `it's me in ${inside}\nbad\n`)
  await runner.start(of('b'), program('kill -9 $$'))
  assert.deepEqual(await ended('b'), { how: 'signal', code: null, signal: 'SIGKILL' })
  await runner.start(of('c'), program('true', { argv: ['no-such-program'] }))
  assert.deepEqual(await ended('c'), { how: 'exit', code: 127, signal: null })
  assert.match(await text('c'), /there is no program no-such-program/)
})

test('a run that is started again and again runs once', async t => {
  const { runner, program, of, ended, inside } = await jobs(t)
  const work = program(`echo x >> ${inside}/count; sleep 0.3`)
  await Promise.all(Array.from({ length: 8 }, () => runner.start(of('a'), work)))
  await ended('a')
  await runner.start(of('a'), work)
  await sleep(300)
  assert.equal(await readFile(join(inside, 'count'), 'utf8'), 'x\n')
})

test('half an order starts nothing', async t => {
  const { folder, inside, runner, of } = await jobs(t)
  const at = join(folder, 'shop', 'a')
  await mkdir(at, { recursive: true })
  const arg = (word: string) => `arg ${Buffer.from(word).toString('hex')}\n`
  const input = `${arg('touch')}${arg(join(inside, 'made'))}timeout 5\n`
  spawnSync('perl', [join(import.meta.dirname, 'job.pl'), at, '1'], { input })
  assert.deepEqual(await runner.state(of('a')), { state: 'none' })
  assert.equal((await readdir(inside)).includes('made'), false)
})

test('a run outlives who started it, and is told from one that went away without a word', async t => {
  const { folder, runner, program, of, until, ended, inside } = await jobs(t)
  await runner.start(of('a'), program(`(sleep 40 & echo $! > ${inside}/child; wait)`))
  await until('a', 'running')
  const pid = await helperOf(folder, 'a')
  const [, parent] = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]!.split(' ')
  assert.notEqual(Number(parent), process.pid)
  while ((await readFile(join(inside, 'child'), 'utf8').catch(() => '')) === '') await sleep(20)
  const child = Number(await readFile(join(inside, 'child'), 'utf8'))
  killProcess({ pid })
  assert.deepEqual(await ended('a'), { how: 'lost', code: null, signal: null })
  // What it left running is ended, so that nothing of it meets the next run.
  for (let n = 0; n < 100 && (await startTime(child)) !== null; n++) await sleep(20)
  assert.equal(await startTime(child), null)
})

test('a run that takes too long, or too much memory, or is stopped, is ended with all that it started', async t => {
  const { runner, program, of, until, ended, inside, text } = await jobs(t)
  await runner.start(
    of('slow'),
    program('trap "echo told; exit 0" TERM; sleep 30 & wait', { timeoutMs: 1_000 }),
  )
  await runner.start(
    of('deaf'),
    program('trap "" TERM; while :; do sleep 1; done', { timeoutMs: 1_000, graceMs: 500 }),
  )
  const eats = "node -e 'const a = []; setInterval(() => a.push(Buffer.alloc(8e6, 1)), 20)'"
  const env = { PATH: `${join(process.execPath, '..')}:/usr/bin:/bin` }
  await runner.start(of('large'), program(eats, { env, memoryBytes: 150 * 1024 ** 2 }))
  await runner.start(of('told'), program(`sleep 41 & echo $! > ${inside}/left; sleep 30`))
  await until('told', 'running')
  await runner.stop(of('told'))
  const hows = await Promise.all(['slow', 'deaf', 'large', 'told'].map(async run => (await ended(run))?.how))
  assert.deepEqual(hows, ['timeout', 'timeout', 'memory', 'stopped'])
  assert.equal(await text('slow'), 'told\n')
  assert.equal(await startTime(Number(await readFile(join(inside, 'left'), 'utf8'))), null)
})

test('a run that is stopped before it begins is stopped when it does', async t => {
  const { runner, program, of, ended } = await jobs(t)
  await runner.stop(of('a'))
  await runner.start(of('a'), program('sleep 30'))
  assert.equal((await ended('a'))?.how, 'stopped')
})

test('a run that ends while the disk is full goes on until that can be written, and ended well', {
  skip: process.getuid!() !== 0 && 'only root mounts a disk',
}, async t => {
  const { folder, runner, program, of, until, ended } = await jobs(t)
  await mkdir(folder, { mode: 0o700 })
  mount('mount', '-t', 'tmpfs', '-o', 'size=160k', 'tmpfs', folder)
  try {
    for (const run of ['a', 'b']) await runner.start(of(run), program('sleep 1'))
    for (const run of ['a', 'b']) await until(run, 'running')
    const full = join(folder, 'full')
    spawnSync('dd', ['if=/dev/zero', `of=${full}`, 'bs=4k'])
    await sleep(2_000)
    assert.equal((await runner.state(of('a'))).state, 'running')
    // As a machine that goes down does.
    process.kill(await helperOf(folder, 'b'), 'SIGTERM')
    assert.equal((await ended('b'))?.how, 'lost')
    await rm(full)
    assert.deepEqual(await ended('a'), { how: 'exit', code: 0, signal: null })
  } finally {
    await endJobs(folder, null)
    mount('umount', '--lazy', folder)
  }
})

test('a run whose folder is removed leaves no process that waits for it', async t => {
  const { folder, runner, program, of, until } = await jobs(t)
  await runner.start(of('a'), program('sleep 0.5'))
  await until('a', 'running')
  const pid = await helperOf(folder, 'a')
  await runner.forget(of('a'))
  for (let n = 0; n < 200 && (await startTime(pid)) !== null; n++) await sleep(20)
  assert.equal(await startTime(pid), null)
})

test('what is left running and prints without end takes no memory', async t => {
  const { folder, runner, program, of, until } = await jobs(t)
  await runner.start(of('a'), program('setsid cat /dev/zero & sleep 0.3'))
  await until('a', 'running')
  const pid = await helperOf(folder, 'a')
  let most = 0
  for (; (await runner.state(of('a'))).state === 'running'; await sleep(20)) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
    most = Math.max(most, Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0))
  }
  assert.ok(most > 0 && most < 40_000, `${most} kB`)
})

test('a secret stands in no output, also when it comes in pieces', async t => {
  const { runner, program, of, ended, text } = await jobs(t)
  const hidden = { KEY: ['s3cret-of-"shop"'], OTHER: ['another-one'] }
  const env = { KEY: 's3cret-of-"shop"' }
  const script = `printf 'a s3cr'; sleep 0.5; printf 'et-of-"shop" b\\n'; echo "$KEY"; head -c 70000 /dev/zero | tr '\\0' x; printf '%s' "$KEY"`
  await runner.start(of('a'), program(script, { hidden, env }))
  await ended('a')
  const said = await text('a')
  assert.match(said, /^a \*\*\*KEY\*\*\* b\n\*\*\*KEY\*\*\*\nx+$/)
  const { next } = await runner.output(of('a'), 0)
  const rest = (await runner.output(of('a'), next)).bytes.toString()
  assert.match(rest, /^x+\*\*\*KEY\*\*\*$/)
})

test('of much output beginning and end are kept, and a second try goes on behind the first', async t => {
  const { folder, runner, program, of, ended } = await jobs(t)
  await runner.start(of('a'), program('seq 1 300000'))
  await ended('a')
  await runner.start(of('a', 2), program('echo again'))
  assert.equal((await ended('a', 2))?.code, 0)
  const at = join(folder, 'shop', 'a')
  const names = (await readdir(at)).filter(name => name.startsWith('output.'))
  const sizes = await Promise.all(names.map(async name => (await stat(join(at, name))).size))
  assert.ok(sizes.reduce((sum, size) => sum + size, 0) <= 4 * 65_536)
  const all: string[] = []
  let from = 0
  let left = 0
  for (
    let piece = await runner.output(of('a'), 0);
    piece.bytes.length > 0;
    piece = await runner.output(of('a'), from)
  ) {
    left += piece.from - from
    all.push(piece.bytes.toString())
    from = piece.next
  }
  const said = all.join('')
  assert.ok(said.startsWith('1\n2\n3\n'))
  assert.ok(said.endsWith('299999\n300000\n--- try 2\nagain\n'))
  assert.ok(left > 1_000_000)
})

test('all runs of an app are ended at once, and what is kept is forgotten', async t => {
  const { folder, runner, program, of, until, ended } = await jobs(t)
  for (const run of ['a', 'b']) await runner.start(of(run), program('sleep 60'))
  await Promise.all(['a', 'b'].map(run => until(run, 'running')))
  await endJobs(folder, 'other')
  assert.equal((await runner.state(of('a'))).state, 'running')
  await endJobs(folder, 'shop')
  assert.deepEqual(
    [await ended('a'), await ended('b')].map(one => one?.how),
    ['stopped', 'stopped'],
  )
  await runner.forget(of('a'))
  assert.deepEqual(await runner.kept(), [{ app: 'shop', run: 'b' }])
})
