import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { z } from 'zod'
import { type Refused, typed } from '../../bin/program.fixture.ts'
import { type Answer, appOf, failsWith, runOf, says, streams } from '../../cli/stand-in.fixture.ts'
import { originOf } from '../../drivers/git/origin.ts'
import { execOk } from '../../drivers/host/exec.ts'
import type { Run } from '../../engine/wire.ts'
import { RunEvent } from '../../engine/wire.ts'
import { ChangeAnswer } from '../../engine/wire-change.ts'
import { EXIT } from '../../kernel/exit.ts'
import { AppStatus } from '../app/wire.ts'
import { DeployRequest, ScaleRequest } from './wire.ts'

let folder: string
const FILE = 'name: shop\nservices:\n  web:\n    start: node server.js\n'

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inn-deploy-'))
  await writeFile(join(folder, 'innkeeper.yaml'), FILE)
  await writeFile(join(folder, 'server.js'), 'x')
})
after(() => rm(folder, { recursive: true }))

const own = async () => ({ origin: await originOf(folder), newOrigin: false, branch: null })
const begun = (run: Run) => ({ run, notices: [] })
const plan = says(ChangeAnswer, { plan: { title: 'p', steps: [], cleanup: [], notices: [] } })
const follows = (run: Run) => ({ 'GET /api/runs/run-1/events': streams(RunEvent, { type: 'run', run }) })

/** A keeper that takes an archive, or has it already, and lets the deploy end so. */
function takes(run: Run, present: boolean) {
  const archives: Buffer[] = []
  const take: Answer = (response, asked) => {
    archives.push(asked.body as Buffer)
    response.end('{}')
  }
  const answers = {
    'GET /api/uploads/*': says(z.object({ present: z.boolean() }), { present }),
    'PUT /api/uploads/*': take,
    'POST /api/apps/shop/deploys': says(ChangeAnswer, begun(run)),
    'GET /api/apps/shop': says(AppStatus, appOf('shop')),
    ...follows(run),
  }
  return { answers, archives }
}

test('a deploy sends the archive, asks with its digest, and says where the app answers', async t => {
  const { answers, archives } = takes(runOf(), false)
  const { calls, out, code } = await typed(t, ['deploy', folder], answers)
  assert.equal(archives.length, 1)
  const digest = createHash('sha256').update(archives[0]!).digest('hex')
  assert.deepEqual(
    calls.slice(0, 2).map(([call]) => call),
    [`GET /api/uploads/${digest}`, `PUT /api/uploads/${digest}`],
  )
  const body = DeployRequest.parse(calls.find(([call]) => call.startsWith('POST'))![1])
  const expected = { plan: false, upload: digest, commit: null, env: {}, fresh: false, ...(await own()) }
  assert.deepEqual(body, expected)
  assert.match(out, /^note: not a git repository: all files but the ignored ones are deployed\n/)
  assert.match(out, /deploy r2 of shop: done in 4\.2 s\nshop answers on http:\/\/shop\.test\n$/)
  assert.equal(code, EXIT.done)
})

test('what the keeper has is not sent again; a failed deploy does not say where the app answers', async t => {
  const failed = runOf({
    outcome: 'undone',
    failure: { code: 'build.failed', what: 'no', why: 'no', fix: 'no' },
  })
  const { answers, archives } = takes(failed, true)
  const { out, code, calls } = await typed(t, ['deploy', folder], answers)
  assert.deepEqual([archives.length, code], [0, EXIT.failed])
  assert.doesNotMatch(out, /answers on/)
  assert.ok(!calls.some(([call]) => call === 'GET /api/apps/shop'))
})

test('the flags of a deploy reach the keeper; --plan sends the file and no archive', async t => {
  const flags = [
    '--only',
    'web,api',
    '--only',
    'bot',
    '--env',
    'A=1',
    '--watch',
    '1m30s',
    '--wait',
    '--fresh',
    '--plan',
  ]
  const { calls } = await typed(t, ['deploy', folder, ...flags], { 'POST /api/apps/shop/deploys': plan })
  assert.deepEqual(calls, [
    [
      'POST /api/apps/shop/deploys',
      {
        plan: true,
        only: ['web', 'api', 'bot'],
        env: { A: '1' },
        watchMs: 90_000,
        fresh: true,
        config: FILE,
        ...(await own()),
      },
    ],
  ])
  const none = await typed(t, ['deploy', folder, '--watch', '0', '--plan'], {
    'POST /api/apps/shop/deploys': plan,
  })
  assert.equal((none.calls[0]![1] as { watchMs: number }).watchMs, 0)
})

test('a folder without a file, a file with a mistake and a watch of no time are refused here', async t => {
  const other = await mkdtemp(join(tmpdir(), 'inn-deploy-'))
  t.after(() => rm(other, { recursive: true }))
  await assert.rejects(typed(t, ['deploy', other]), failsWith('config.missing'))
  await writeFile(join(other, 'innkeeper.yaml'), 'name: shop\nservcies: {}\n')
  await assert.rejects(typed(t, ['deploy', other]), (error: { code: string }) =>
    error.code.startsWith('config.'),
  )
  await writeFile(join(other, 'innkeeper.yaml'), FILE)
  for (const flags of [[], ['--plan']])
    await assert.rejects(typed(t, ['deploy', other, ...flags]), failsWith('config.invalid'), 'no server.js')
  await assert.rejects(typed(t, ['deploy', folder, '--watch', 'long']), failsWith('usage.watch'))
})

test('of a git repository what it tracks is deployed as it lies there, and what that leaves out is told', async t => {
  const repo = await mkdtemp(join(tmpdir(), 'inn-deploy-'))
  t.after(() => rm(repo, { recursive: true }))
  const git = (...args: string[]) => execOk({ argv: ['git', '-C', repo, ...args], timeoutMs: 20_000 }, 'git')
  await symlink('/etc/hostname', join(repo, 'link-out'))
  for (const name of ['server.js', 'gone.js']) await writeFile(join(repo, name), 'x')
  await git('init', '-q')
  await git('add', '.')
  await git('-c', 'user.name=t', '-c', 'user.email=t@example.com', 'commit', '-qm', 'first ü')
  await writeFile(join(repo, 'server.js'), 'y')
  await writeFile(join(repo, 'innkeeper.yaml'), FILE)
  await writeFile(join(repo, 'notes'), 'z')
  await rm(join(repo, 'gone.js'))
  const { answers, archives } = takes(runOf(), false)
  const { calls, out } = await typed(t, ['deploy', repo], answers)
  const archive = join(folder, 'got.tgz')
  await writeFile(archive, archives[0]!)
  const names = await execOk({ argv: ['tar', '-tzf', archive], timeoutMs: 20_000 }, 'tar')
  await rm(archive)
  assert.deepEqual(
    names.stdout
      .trim()
      .split('\n')
      .map(name => name.replace('./', ''))
      .sort(),
    ['innkeeper.yaml', 'server.js'],
    'also the file that says how, which was not added yet',
  )
  const { commit } = calls.find(([call]) => call.startsWith('POST'))![1] as { commit: string }
  assert.match(commit, /^[0-9a-f]{7,} first ü \(with changes\)$/)
  assert.match(out, /note: 2 files with changes that are not committed/)
  assert.match(out, /note: not deployed, because git does not track them: notes\n/)
  assert.match(
    out,
    /note: left out, because they are gone, link out of the folder or begin like a path of Windows: gone\.js and link-out\n/,
  )
})

/** What the keeper is asked by a change, with --plan. */
async function asked(t: Parameters<typeof typed>[0], command: string[], path: string) {
  const { calls } = await typed(t, [...command, '--plan'], { [`POST ${path}`]: plan })
  assert.equal(calls[0]![0], `POST ${path}`)
  const { plan: shown, ...body } = calls[0]![1] as { plan: boolean }
  assert.equal(shown, true)
  return body
}

test('every change of an app goes to its own route, with what was typed', async t => {
  const shop = '/api/apps/shop'
  assert.deepEqual(await asked(t, ['rollback', 'shop', '--to', 'r1'], `${shop}/rollback`), { release: 'r1' })
  assert.deepEqual(await asked(t, ['switch', 'green', 'shop'], `${shop}/switch`), { colour: 'green' })
  assert.deepEqual(await asked(t, ['restart', 'shop'], `${shop}/restart`), {})
  assert.deepEqual(await asked(t, ['stop', 'shop'], `${shop}/stop`), {})
  assert.deepEqual(await asked(t, ['start', 'shop'], `${shop}/start`), {})
  assert.deepEqual(await asked(t, ['remove', 'shop'], `${shop}/remove`), { data: false })
  assert.deepEqual(await asked(t, ['remove', 'shop', '--data'], `${shop}/remove`), { data: true })
  const scaled = await asked(t, ['scale', 'web=3', 'api=0', '--app', 'shop'], `${shop}/scale`)
  assert.deepEqual(ScaleRequest.parse(scaled).instances, { web: 3, api: 0 })
})

test('what ends the service of an app is asked first, unless --yes or a program asks', async t => {
  for (const command of ['stop', 'remove']) {
    const path = `POST /api/apps/shop/${command}`
    const careful = await typed(t, [command, 'shop'], { [path]: plan })
    assert.deepEqual([careful.calls.length, careful.code], [1, EXIT.failed], 'nobody sits here to answer')
    for (const flag of ['--yes', '--json']) {
      const answers = { [path]: says(ChangeAnswer, begun(runOf())), ...follows(runOf()) }
      const sure = await typed(t, [command, 'shop', flag], answers)
      assert.deepEqual(
        sure.calls.map(([call]) => call),
        [path, 'GET /api/runs/run-1/events'],
      )
      assert.equal((sure.calls[0]![1] as { plan?: boolean }).plan, undefined)
    }
  }
})

test('a scale or colour that is none is refused before anybody is asked', async t => {
  for (const wrong of ['web', 'web=', 'web=-1', 'web=1.5', 'web=x'])
    await assert.rejects(typed(t, ['scale', wrong, '--app', 'shop']), failsWith('usage.scale'), wrong)
  await assert.rejects(typed(t, ['switch', 'red', 'shop']), failsWith('usage.colour'))
  for (const wrong of [['scale'], ['remove'], ['deploi']])
    await assert.rejects(typed(t, wrong), (error: Refused) => error.code === EXIT.usage, wrong.join(' '))
})
