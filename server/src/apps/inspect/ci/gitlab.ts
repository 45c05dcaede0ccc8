import { quoteShell } from '../../../kernel/quote.ts'
import { deployJob, type Way } from './deploy.ts'
import type { Target } from './targets.ts'
import type { TestJob } from './tests.ts'

/** A pipeline for GitLab CI. */
export function gitlab({
  test,
  targets,
  way,
  previews,
}: {
  test: TestJob
  targets: readonly Target[]
  way: Way
  /** Name of the app, where each merge request gets a preview; null: none does. */
  previews: string | null
}): Record<string, unknown> {
  return {
    stages: ['test', ...targets.map(({ job }) => job), ...(previews === null ? [] : ['preview'])],
    test: {
      stage: 'test',
      image: `node:${test.node}`,
      ...services(test),
      script: test.lines.length > 0 ? test.lines : ['true'],
    },
    ...Object.fromEntries(targets.map(target => [target.job, deployOf(target, way)])),
    ...(previews === null ? {} : previewJobs(previews, way)),
  }
}

/** A preview while a merge request is open. GitLab stops the environment when it is merged or closed. Pipelines of forks run in the fork. */
function previewJobs(app: string, way: Way): Record<string, unknown> {
  const name = 'preview/$CI_MERGE_REQUEST_IID'
  const PREVIEW = 'pr-$CI_MERGE_REQUEST_IID'
  const job = (line: string, variables: Record<string, string>) => {
    const { install, key, deploy } = deployJob(way, [line])
    return { stage: 'preview', image: 'node:24', variables, script: [...install, ...key, ...deploy] }
  }
  const rule = { if: '$CI_PIPELINE_SOURCE == "merge_request_event"' }
  return {
    preview: {
      ...job('preview up --wait --name "$PREVIEW"', { PREVIEW, GIT_DEPTH: '0' }),
      environment: { name, on_stop: 'preview-down' },
      resource_group: name,
      rules: [rule],
    },
    'preview-down': {
      // The branch may be gone by then.
      ...job(`preview down "$PREVIEW" --app ${quoteShell(app)} --wait --yes`, {
        PREVIEW,
        GIT_STRATEGY: 'none',
      }),
      environment: { name, action: 'stop' },
      resource_group: name,
      rules: [{ ...rule, when: 'manual', allow_failure: true }],
    },
  }
}

function deployOf({ job, environment, branch, approved, lines }: Target, way: Way): Record<string, unknown> {
  const { install, key, deploy } = deployJob(way, lines('"$CI_COMMIT_SHA"'))
  return {
    stage: job,
    image: 'node:24',
    environment: { name: environment },
    // One after the other.
    resource_group: environment,
    // The whole history, by which the server knows that it is the same repository.
    variables: { GIT_DEPTH: '0' },
    rules: [{ if: `$CI_COMMIT_BRANCH == "${branch}"`, ...(approved ? { when: 'manual' } : {}) }],
    script: [...install, ...key, ...deploy],
  }
}

function services({ postgres, redis, env }: TestJob): Record<string, unknown> {
  const found = [
    ...(postgres === null ? [] : [{ name: `postgres:${postgres}`, alias: 'postgres' }]),
    ...(redis ? [{ name: 'redis:7', alias: 'redis' }] : []),
  ]
  const values = {
    ...(postgres === null ? {} : { POSTGRES_PASSWORD: 'test', POSTGRES_DB: 'test' }),
    ...env({ postgres: 'postgres', redis: 'redis' }),
  }
  return {
    ...(found.length === 0 ? {} : { services: found }),
    ...(Object.keys(values).length === 0 ? {} : { variables: values }),
  }
}
