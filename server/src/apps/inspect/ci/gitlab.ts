import { deployJob, type Way } from './deploy.ts'
import type { Target } from './targets.ts'
import type { TestJob } from './tests.ts'

/** A pipeline for GitLab CI. */
export function gitlab({
  test,
  targets,
  way,
}: {
  test: TestJob
  targets: readonly Target[]
  way: Way
}): Record<string, unknown> {
  return {
    stages: ['test', ...targets.map(({ job }) => job)],
    test: {
      stage: 'test',
      image: `node:${test.node}`,
      ...services(test),
      script: test.lines.length > 0 ? test.lines : ['true'],
    },
    ...Object.fromEntries(targets.map(target => [target.job, deployOf(target, way)])),
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
