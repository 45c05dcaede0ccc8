import { deployJob, type Way } from './deploy.ts'
import type { Forge } from './forge.ts'
import type { Target } from './targets.ts'
import type { TestJob } from './tests.ts'

interface Jobs {
  test: TestJob
  targets: readonly Target[]
  way: Way
}

type ActionsForge = Exclude<Forge, 'gitlab'>

/** What differs between those who run workflows in the form of GitHub's. */
const RUNNERS: Readonly<
  Record<
    ActionsForge,
    { runsOn: string; checkout: string; node: string; host: { postgres: string; redis: string } }
  >
> = {
  // Jobs run on the machine itself, and containers publish their ports.
  github: {
    runsOn: 'ubuntu-24.04',
    checkout: 'actions/checkout@v5',
    node: 'actions/setup-node@v5',
    host: { postgres: 'localhost', redis: 'localhost' },
  },
  // Jobs run in a container, beside those of the services, which are found by their names.
  forgejo: {
    runsOn: 'docker',
    checkout: 'actions/checkout@v4',
    node: 'actions/setup-node@v4',
    host: { postgres: 'postgres', redis: 'redis' },
  },
  gitea: {
    runsOn: 'ubuntu-latest',
    checkout: 'actions/checkout@v4',
    node: 'actions/setup-node@v4',
    host: { postgres: 'postgres', redis: 'redis' },
  },
}

/** A workflow for GitHub Actions, and for Forgejo and Gitea, which read the same form. */
export function actions(forge: ActionsForge, jobs: Jobs): Record<string, unknown> {
  return {
    name: 'innkeeper',
    on: { push: { branches: ['**'] }, workflow_dispatch: {} },
    permissions: { contents: 'read' },
    jobs: {
      test: testOf(forge, jobs.test),
      ...Object.fromEntries(jobs.targets.map(target => [target.job, deployOf(forge, target, jobs.way)])),
    },
  }
}

function testOf(
  forge: ActionsForge,
  { node, lines, postgres, redis, env }: TestJob,
): Record<string, unknown> {
  const { runsOn, checkout, host } = RUNNERS[forge]
  const values = env(host)
  return {
    'runs-on': runsOn,
    ...filled('services', {
      ...(postgres === null ? {} : { postgres: container(forge, `postgres:${postgres}`, POSTGRES) }),
      ...(redis ? { redis: container(forge, 'redis:7', REDIS) } : {}),
    }),
    ...filled('env', values),
    steps: [
      { uses: checkout, with: { 'persist-credentials': false } },
      setup(forge, node),
      { name: 'Install, build, migrate, test', run: script(lines) },
    ],
  }
}

/** Version 5 brings a cache by itself, and looks for a package manager that is not there yet. */
const setup = (forge: ActionsForge, version: number) => ({
  uses: RUNNERS[forge].node,
  with: {
    'node-version': version,
    ...(forge === 'github' ? { 'package-manager-cache': false } : {}),
  },
})

const POSTGRES = {
  port: 5432,
  check: 'pg_isready -U postgres',
  env: { POSTGRES_PASSWORD: 'test', POSTGRES_DB: 'test' },
}
const REDIS = { port: 6379, check: 'redis-cli ping', env: {} }

function container(forge: ActionsForge, image: string, { port, check, env }: typeof POSTGRES | typeof REDIS) {
  return {
    image,
    ...filled('env', env),
    ...(forge === 'github' ? { ports: [`${port}:${port}`] } : {}),
    options: `--health-cmd "${check}" --health-interval 2s --health-timeout 5s --health-retries 30`,
  }
}

function deployOf(forge: ActionsForge, target: Target, way: Way): Record<string, unknown> {
  const { runsOn, checkout } = RUNNERS[forge]
  const { environment, after } = target
  const deploy = deployJob(way, target.lines('"$GITHUB_SHA"'))
  const given = (names: readonly string[], of: 'vars' | 'secrets') =>
    Object.fromEntries(names.map(name => [name, `\${{ ${of}.${name} }}`]))
  const [where, ...reach] = deploy.variables
  const access = { ...given(reach, 'vars'), ...given(deploy.secrets, 'secrets') }
  const keyed = deploy.key.length > 0
  return {
    needs: forge === 'github' ? after : 'test',
    if: conditionOf(forge, target),
    'runs-on': runsOn,
    ...(forge === 'github'
      ? { environment, concurrency: { group: environment, 'cancel-in-progress': false } }
      : {}),
    steps: [
      // The whole history, by which the server knows that it is the same repository.
      { uses: checkout, with: { 'fetch-depth': 0, 'persist-credentials': false } },
      setup(forge, 24),
      { name: 'Bring inn', env: given([where!], 'vars'), run: script(deploy.install) },
      ...(keyed ? [{ name: 'Make the key known', env: access, run: script(deploy.key) }] : []),
      {
        name: `${target.promoted === null ? 'Deploy' : 'Promote'}, and look whether it serves`,
        ...(keyed ? {} : { env: access }),
        run: script(deploy.deploy),
      },
    ],
  }
}

/** GitHub asks its environment's reviewers; the others have none, so a person starts by hand what is to be let go. */
function conditionOf(forge: ActionsForge, { branch, approved }: Target): string {
  const of = `github.ref == 'refs/heads/${branch}'`
  if (forge === 'github') return of
  return `github.event_name == '${approved ? 'workflow_dispatch' : 'push'}' && ${of}`
}

const script = (lines: readonly string[]): string => `${lines.join('\n')}\n`
const filled = <K extends string>(key: K, of: object): Partial<Record<K, object>> =>
  Object.keys(of).length === 0 ? {} : ({ [key]: of } as Record<K, object>)
