import { quoteShell } from '../../../kernel/quote.ts'
import { type DeployJob, deployJob, type Way } from './deploy.ts'
import type { Forge } from './forge.ts'
import type { Target } from './targets.ts'
import type { TestJob } from './tests.ts'

interface Jobs {
  test: TestJob
  targets: readonly Target[]
  way: Way
  /** Name of the app, where each pull request gets a preview; null: none does. */
  previews: string | null
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
  const { previews } = jobs
  const requests = previews === null ? {} : { pull_request: { types: REQUESTS } }
  return {
    name: 'innkeeper',
    on: { push: { branches: ['**'] }, workflow_dispatch: {}, ...requests },
    permissions: { contents: 'read' },
    jobs: {
      // The push of a pull request's branch was tested already.
      test: {
        ...(previews === null ? {} : { if: "github.event_name != 'pull_request'" }),
        ...testOf(forge, jobs.test),
      },
      ...Object.fromEntries(jobs.targets.map(target => [target.job, deployOf(forge, target, jobs.way)])),
      ...(previews === null ? {} : previewJobs(forge, previews, jobs.way)),
    },
  }
}

const REQUESTS = ['opened', 'reopened', 'synchronize', 'closed']

/** Jobs of a fork get no secrets, and its code is not to run on the server. */
const OWN =
  "github.event_name == 'pull_request' && github.event.pull_request.head.repo.full_name == github.repository"

/** A preview while a pull request is open. */
function previewJobs(forge: ActionsForge, app: string, way: Way): Record<string, unknown> {
  const job = (closed: boolean, name: string, line: string) => {
    const { runsOn } = RUNNERS[forge]
    const deploy = deployJob(way, [line])
    const [where, access] = accessOf(deploy)
    const number = { PREVIEW: `pr-\${{ github.event.number }}` }
    const keyed = deploy.key.length > 0
    return {
      if: `${OWN} && github.event.action ${closed ? '==' : '!='} 'closed'`,
      'runs-on': runsOn,
      ...(forge === 'github' ? { environment: 'preview' } : {}),
      // The newest commit alone is of interest.
      concurrency: { group: 'preview-${{ github.event.number }}', 'cancel-in-progress': !closed },
      steps: [
        sourceOf(forge, closed ? {} : { ref: '${{ github.event.pull_request.head.sha }}' }),
        setup(forge, 24),
        { name: 'Bring inn', env: where, run: script(deploy.install) },
        ...(keyed ? [{ name: 'Make the key known', env: access, run: script(deploy.key) }] : []),
        { name, env: { ...(keyed ? {} : access), ...number }, run: script(deploy.deploy) },
      ],
    }
  }
  return {
    preview: job(false, 'Deploy the preview', 'preview up --wait --name "$PREVIEW"'),
    'preview-down': job(
      true,
      'Remove the preview',
      `preview down "$PREVIEW" --app ${quoteShell(app)} --wait --yes`,
    ),
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
  const { runsOn } = RUNNERS[forge]
  const { environment, after } = target
  const deploy = deployJob(way, target.lines('"$GITHUB_SHA"'))
  const [where, access] = accessOf(deploy)
  const keyed = deploy.key.length > 0
  return {
    needs: forge === 'github' ? after : 'test',
    if: conditionOf(forge, target),
    'runs-on': runsOn,
    ...(forge === 'github'
      ? { environment, concurrency: { group: environment, 'cancel-in-progress': false } }
      : {}),
    steps: [
      sourceOf(forge),
      setup(forge, 24),
      { name: 'Bring inn', env: where, run: script(deploy.install) },
      ...(keyed ? [{ name: 'Make the key known', env: access, run: script(deploy.key) }] : []),
      {
        name: `${target.promoted === null ? 'Deploy' : 'Promote'}, and look whether it serves`,
        ...(keyed ? {} : { env: access }),
        run: script(deploy.deploy),
      },
    ],
  }
}

/** The whole history, by which the server knows that it is the same repository. */
const sourceOf = (forge: ActionsForge, more: object = {}) => ({
  uses: RUNNERS[forge].checkout,
  with: { ...more, 'fetch-depth': 0, 'persist-credentials': false },
})

/** What finds the package, and what reaches the server. */
function accessOf({
  variables: [where, ...reach],
  secrets,
}: DeployJob): [Record<string, string>, Record<string, string>] {
  const given = (names: readonly string[], of: 'vars' | 'secrets') =>
    Object.fromEntries(names.map(name => [name, `\${{ ${of}.${name} }}`]))
  return [given([where!], 'vars'), { ...given(reach, 'vars'), ...given(secrets, 'secrets') }]
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
