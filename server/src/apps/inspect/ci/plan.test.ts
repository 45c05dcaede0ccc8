import assert from 'node:assert/strict'
import { registerHooks } from 'node:module'
import { test } from 'node:test'
import { parse } from 'yaml'
import { FERRY, HUT, hutWith, PREVIEWED, PROMOTED, SSH, STAGED, workflowOf } from './ci.fixture.ts'
import { type FORGES, guessForge } from './forge.ts'

/** GitHub's own parser, with its published schema. It is written for bundlers, which take JSON without being told. */
async function githubs() {
  const hooks = registerHooks({
    load: (url, context, next) =>
      next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context),
  })
  const parser = await import('@actions/workflow-parser')
  hooks.deregister()
  return parser
}

/** What it has against a workflow. */
async function refused(path: string, text: string): Promise<string[]> {
  const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } = await githubs()
  const { context, value } = parseWorkflow({ name: path, content: text }, new NoOperationTraceWriter())
  const template = value === undefined ? undefined : await convertWorkflowTemplate(context, value)
  return [...context.errors.getErrors().map(error => error.message), ...(template?.errors ?? []).map(String)]
}

test('GitHub’s own parser takes each workflow of its form', async () => {
  for (const forge of ['github', 'forgejo', 'gitea'] as const)
    for (const files of [FERRY, HUT, STAGED, PROMOTED, PREVIEWED])
      for (const way of [{ by: 'token' } as const, SSH]) {
        const { path, text } = await workflowOf(files, { forge, way })
        assert.deepEqual(await refused(path, text), [], text)
      }
  const { path, text } = await workflowOf(HUT, { forge: 'github' })
  assert.notDeepEqual(await refused(path, text.replace('runs-on', 'run-on')), [])
  assert.notDeepEqual(await refused(path, text.replace("'refs/heads/main'", "'refs/heads/main")), [])
})

test('a push is tested with what the app has, and deployed where reviewers of the environment say so', async () => {
  const { text, notes } = await workflowOf(FERRY, { forge: 'github', branch: 'trunk' })
  const { jobs } = parse(text)
  assert.deepEqual(jobs.test.env, {
    DATABASE_URL: 'postgres://postgres:test@localhost:5432/test',
    REDIS_URL: 'redis://localhost:6379',
    PG_HOST: 'localhost',
    CACHE_PORT: '6379',
    VITE_API: '/api',
  })
  assert.equal(jobs.test.services.postgres.image, 'postgres:16')
  assert.deepEqual(jobs.test.steps.at(-1).run.trim().split('\n'), [
    'npm ci',
    `(cd apps/api && PATH="$PWD/node_modules/.bin:$PATH" npm run build)`,
    `(cd apps/api && PATH="$PWD/node_modules/.bin:$PATH" node -e 'let a = 1')`,
    `(cd apps/web && PATH="$PWD/node_modules/.bin:$PATH" vite build)`,
    `(cd apps/api && PATH="$PWD/node_modules/.bin:$PATH" node dist/migrate.js)`,
    '(cd apps/api && npm run test)',
  ])
  assert.deepEqual(
    [jobs.deploy.needs, jobs.deploy.if, jobs.deploy.environment],
    ['test', "github.ref == 'refs/heads/trunk'", 'production'],
  )
  assert.deepEqual(notes, ['the build reads VITE_KEY: give the job "test" a value of each that is no secret'])
})

test('without environments a person starts the deploy by hand', async () => {
  for (const forge of ['forgejo', 'gitea'] as const) {
    const { jobs } = parse((await workflowOf(FERRY, { forge })).text)
    assert.match(jobs.deploy.if, /^github\.event_name == 'workflow_dispatch' && /)
    assert.equal(jobs.deploy.environment, undefined)
    assert.equal(jobs.test.env.PG_HOST, 'postgres')
    assert.equal(jobs.test.services.postgres.ports, undefined)
  }
})

test('secrets are given to the step that needs them, and to no other', async () => {
  for (const way of [{ by: 'token' } as const, SSH]) {
    const { text, secrets } = await workflowOf(FERRY, { forge: 'github', way })
    const { jobs, env } = parse(text)
    const steps: Array<{ env?: Record<string, string> }> = jobs.deploy.steps
    const having = steps.filter(step => JSON.stringify(step).includes('secrets.'))
    assert.equal(having.length, 1)
    assert.deepEqual(
      Object.values(having[0]!.env!).filter(value => value.includes('secrets.')),
      secrets.map(name => `\${{ secrets.${name} }}`),
    )
    assert.deepEqual([env, jobs.deploy.env], [undefined, undefined])
    assert.doesNotMatch(JSON.stringify(jobs.test), /secrets\./)
  }
})

/** Of GitLab's keyword reference: its schema is no package of npm. */
const JOB =
  'stage image services variables script before_script after_script environment resource_group rules needs'.split(
    ' ',
  )

test('GitLab’s keywords, and a job that somebody presses', async () => {
  for (const files of [FERRY, HUT, STAGED, PROMOTED])
    for (const way of [{ by: 'token' } as const, SSH]) {
      const { path, text } = await workflowOf(files, { forge: 'gitlab', way })
      assert.equal(path, '.gitlab-ci.yml')
      const { stages, ...jobs } = parse(text)
      const last = files === FERRY || files === HUT ? 'deploy' : 'deploy-production'
      const deploys = last === 'deploy' ? [last] : ['deploy-staging', last]
      assert.deepEqual(
        [Object.keys(jobs), stages],
        [
          ['test', ...deploys],
          ['test', ...deploys],
        ],
      )
      for (const job of Object.values<Record<string, unknown>>(jobs)) {
        assert.deepEqual(
          Object.keys(job).filter(key => !JOB.includes(key)),
          [],
        )
        assert.ok(stages.includes(job['stage']))
        // A line with ": " that is not quoted would be a mapping.
        assert.ok((job['script'] as unknown[]).length > 0)
        for (const line of job['script'] as unknown[]) assert.equal(typeof line, 'string')
        for (const value of Object.values(job['variables'] ?? {})) assert.equal(typeof value, 'string')
      }
      assert.deepEqual(jobs[last].rules, [{ if: '$CI_COMMIT_BRANCH == "main"', when: 'manual' }])
      assert.deepEqual([jobs[last].resource_group, jobs[last].variables.GIT_DEPTH], ['production', '0'])
    }
})

/** Of each job that deploys: when it runs, after what, and what it calls. */
async function deploysOf(
  files: Readonly<Record<string, string>>,
  forge: 'github' | 'forgejo',
  branch?: string,
) {
  const { text, notes } = await workflowOf(files, { forge, ...(branch === undefined ? {} : { branch }) })
  const { test: _, ...jobs } = parse(text).jobs
  const told = Object.entries<Record<string, unknown>>(jobs).map(([name, job]) => [
    name,
    job['if'],
    job['needs'],
    String((job['steps'] as Array<{ run?: string }>).at(-1)!.run)
      .split('\n')
      .slice(-3, -1),
  ])
  return { told, notes: notes.filter(note => !note.startsWith('no package.json')) }
}
const ref = (branch: string) => `github.ref == 'refs/heads/${branch}'`

test('with an environment before production, one branch comes there at once, and another one to production', async () => {
  assert.deepEqual((await deploysOf(STAGED, 'github')).told, [
    [
      'deploy-staging',
      ref('dev'),
      'test',
      ['inn deploy --wait --environment staging', 'inn status hut@staging'],
    ],
    ['deploy-production', ref('main'), 'test', ['inn deploy --wait', 'inn status hut']],
  ])
  // Of one branch the one follows the other.
  const one = hutWith('staging: { protection: { branches: ["fix/*", trunk] } }')
  const [, last] = (await deploysOf(one, 'github', 'trunk')).told
  assert.deepEqual(last!.slice(1, 3), [ref('trunk'), 'deploy-staging'])
  const jobs = parse((await workflowOf(STAGED, { forge: 'github' })).text).jobs
  assert.deepEqual(
    ['deploy-staging', 'deploy-production'].map(job => [jobs[job].environment, jobs[job].concurrency.group]),
    [
      ['staging', 'staging'],
      ['production', 'production'],
    ],
  )
})

test('what production takes from another environment is promoted, when it is of the commit that was let go', async () => {
  const promote = 'inn promote staging production --app hut --commit "$GITHUB_SHA" --wait --yes'
  assert.deepEqual((await deploysOf(PROMOTED, 'github')).told, [
    [
      'deploy-staging',
      ref('main'),
      'test',
      ['inn deploy --wait --environment staging', 'inn status hut@staging'],
    ],
    ['deploy-production', ref('main'), 'deploy-staging', [promote, 'inn status hut']],
  ])
  // A job that was left out would hold up those that need it.
  assert.deepEqual(
    (await deploysOf(PROMOTED, 'forgejo')).told.map(job => job.slice(1, 3)),
    [
      [`github.event_name == 'push' && ${ref('main')}`, 'test'],
      [`github.event_name == 'workflow_dispatch' && ${ref('main')}`, 'test'],
    ],
  )
  const apart = hutWith(
    'canary: { protection: { branches: [dev] } }, production: { protection: { from: [canary] } }',
  )
  const { told, notes } = await deploysOf(apart, 'github')
  assert.deepEqual(
    [told[1]![3], notes],
    [['inn promote canary production --app hut --wait --yes', 'inn status hut'], []],
  )
  const never = hutWith(
    'staging: { protection: { branches: [dev] } }, production: { protection: { branches: [main], from: [staging] } }',
  )
  assert.match(
    (await deploysOf(never, 'github')).notes.join(),
    /^staging gets dev, and production takes nothing but/,
  )
})

test('the forge is what the remote’s host is called, or the only folder that is there', () => {
  const table: Array<[string | null, (typeof FORGES)[number][], string | null]> = [
    ['git@github.com:a/gitlab-tools.git', ['gitlab'], 'github'],
    ['https://gitlab.example.com/a/b.git', [], 'gitlab'],
    ['ssh://git@codeberg.org/a/b', [], 'forgejo'],
    ['https://gitea.example.com/a/github', [], 'gitea'],
    ['https://git.example.com/a/github', ['forgejo'], 'forgejo'],
    [null, ['github'], 'github'],
    [null, ['github', 'gitlab'], null],
    ['/srv/github/b.git', [], null],
  ]
  for (const [remote, there, forge] of table) assert.equal(guessForge(remote, there), forge, String(remote))
})

test('what is installed, with which package manager', async () => {
  const lines = async (files: Readonly<Record<string, string>>) =>
    parse((await workflowOf(files, { forge: 'gitlab' })).text).test.script
  assert.deepEqual(await lines(HUT), [
    'npm install --global corepack && corepack enable',
    'pnpm install --frozen-lockfile',
  ])
  const { 'pnpm-lock.yaml': _, ...rest } = HUT
  assert.equal((await lines({ ...rest, 'yarn.lock': '' }))[1], 'yarn install --frozen-lockfile')
  assert.equal((await lines({ ...rest, 'yarn.lock': '', '.yarnrc.yml': '' }))[1], 'yarn install --immutable')
  assert.deepEqual(await lines(rest), ['true'])
})

test('where previews are wanted, a pull request of the repository itself has one while it is open', async () => {
  const { text } = await workflowOf(PREVIEWED, { forge: 'github' })
  const { on, jobs } = parse(text)
  assert.deepEqual(on.pull_request.types, ['opened', 'reopened', 'synchronize', 'closed'])
  assert.equal(jobs.test.if, "github.event_name != 'pull_request'")
  for (const job of [jobs.preview, jobs['preview-down']]) {
    assert.match(job.if, /head\.repo\.full_name == github\.repository/, 'a fork has none')
    assert.doesNotMatch(JSON.stringify(job.steps.map((step: { run?: string }) => step.run)), /github\.event/)
  }
  assert.match(jobs.preview.steps.at(-1).run, /^inn preview up --wait --name "\$PREVIEW"$/m)
  assert.match(
    jobs['preview-down'].steps.at(-1).run,
    /^inn preview down "\$PREVIEW" --app hut --wait --yes$/m,
  )
  const pipeline = parse((await workflowOf(PREVIEWED, { forge: 'gitlab' })).text)
  assert.deepEqual(pipeline.stages, ['test', 'deploy', 'preview'])
  assert.equal(pipeline.preview.environment.on_stop, 'preview-down')
  assert.deepEqual(pipeline.preview.rules, [{ if: '$CI_PIPELINE_SOURCE == "merge_request_event"' }])
})
