import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { folderWith } from '../folder.fixture.ts'
import { FERRY, PROMOTED, SSH, workflowOf } from './ci.fixture.ts'
import type { Way } from './deploy.ts'
import { FORGES, type Forge } from './forge.ts'

const run = promisify(execFile)
const TOKEN: Way = { by: 'token' }
const WAYS: Way[] = [TOKEN, SSH]

/** The scripts of each job, as the forge hands them to a shell. */
async function scripts(forge: Forge, way: Way, files = FERRY): Promise<Record<string, string[]>> {
  const { text } = await workflowOf(files, { forge, way })
  const file = parse(text)
  const of = (job: { script?: string[]; steps?: Array<{ run?: string }> }): string[] =>
    job.script !== undefined ? [job.script.join('\n')] : job.steps!.flatMap(step => step.run ?? [])
  const jobs = Object.entries<Parameters<typeof of>[0]>(file.jobs ?? file)
  return Object.fromEntries(
    jobs.filter(([name]) => /^test|^deploy/.test(name)).map(([name, job]) => [name, of(job)]),
  )
}

/** A machine on which npm, node, vite and inn only write down how they were called. */
async function machine(t: TestContext) {
  const home = await folderWith(t, FERRY)
  const calls = join(home, 'calls')
  await mkdir(join(home, 'bin'))
  for (const name of ['npm', 'node', 'vite', 'inn']) {
    const program = join(home, 'bin', name)
    await writeFile(
      program,
      `#!/bin/sh\nprintf '%s|' "\${PWD#${home}}" ${name} "$@" >> ${calls}\necho >> ${calls}\n[ "$FAIL" != "${name} $1" ]\n`,
    )
    await chmod(program, 0o755)
  }
  const shell = (script: string, env: Record<string, string> = {}) =>
    run('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
      cwd: home,
      env: { PATH: `${join(home, 'bin')}:/usr/bin:/bin`, HOME: home, ...env },
    })
  return { home, shell, called: async () => (await readFile(calls, 'utf8')).trim().split('\n') }
}

test('the scripts of every forge are good for a shell, and call what they should', async t => {
  for (const forge of FORGES)
    for (const way of WAYS) {
      const { home, shell, called } = await machine(t)
      const { test: tests = [], deploy = [] } = await scripts(forge, way)
      for (const script of [...tests, ...deploy]) await run('bash', ['-n', '-c', script])
      const env = {
        INNKEEPER_PACKAGE: 'https://files.example.com/a b.tgz',
        INNKEEPER_URL: 'https://inn.example.com',
        INNKEEPER_TOKEN: 'token',
        INNKEEPER_SSH_KEY: 'key\nof two lines',
        INNKEEPER_KNOWN_HOSTS: 'ferry.example.com ssh-ed25519 A',
      }
      for (const script of [...tests, ...deploy]) await shell(script, env)
      const host = way.by === 'ssh' ? `--host|${way.address}|` : ''
      assert.deepEqual(await called(), [
        '|npm|ci|',
        '/apps/api|npm|run|build|',
        '/apps/api|node|-e|let a = 1|',
        '/apps/web|vite|build|',
        '/apps/api|node|dist/migrate.js|',
        '/apps/api|npm|run|test|',
        '|npm|install|--global|https://files.example.com/a b.tgz|',
        `|inn|${host}deploy|--wait|`,
        `|inn|${host}status|ferry|`,
      ])
      if (way.by === 'token') continue
      assert.equal(await readFile(join(home, '.ssh/innkeeper'), 'utf8'), 'key\nof two lines\n')
      assert.equal((await stat(join(home, '.ssh/innkeeper'))).mode & 0o777, 0o600)
      assert.match(await readFile(join(home, '.ssh/known_hosts'), 'utf8'), /ssh-ed25519 A\n$/)
    }
})

test('a deploy that fails ends the job before it asks for the status; what is not set is said by its name', async t => {
  const { shell, called } = await machine(t)
  const { deploy = [] } = await scripts('gitlab', TOKEN)
  const env = { INNKEEPER_PACKAGE: 'x.tgz', INNKEEPER_URL: 'https://inn.example.com' }
  await assert.rejects(shell(deploy[0]!, env), (error: { stderr: string }) =>
    /INNKEEPER_TOKEN: is not set/.test(error.stderr),
  )
  await assert.rejects(shell(deploy[0]!, { ...env, INNKEEPER_TOKEN: 'a', FAIL: 'inn deploy' }))
  assert.equal((await called()).at(-1), '|inn|deploy|--wait|')
})

test('the commit that was deployed to staging is the one that is promoted, on every forge', async t => {
  for (const forge of FORGES) {
    const { shell, called } = await machine(t)
    const { 'deploy-staging': staging = [], 'deploy-production': production = [] } = await scripts(
      forge,
      TOKEN,
      PROMOTED,
    )
    const env = {
      ...{ INNKEEPER_PACKAGE: 'x.tgz', INNKEEPER_URL: 'https://inn.example.com', INNKEEPER_TOKEN: 'a' },
      [forge === 'gitlab' ? 'CI_COMMIT_SHA' : 'GITHUB_SHA']: 'abc1234',
    }
    for (const script of [...staging, ...production]) await shell(script, env)
    const bring = '|npm|install|--global|x.tgz|'
    assert.deepEqual(await called(), [
      ...[bring, '|inn|deploy|--wait|--environment|staging|', '|inn|status|hut@staging|'],
      ...[
        bring,
        '|inn|promote|staging|production|--app|hut|--commit|abc1234|--wait|--yes|',
        '|inn|status|hut|',
      ],
    ])
  }
})
