import type { DeployJob } from './deploy.ts'
import type { TestJob } from './tests.ts'

/** A pipeline for GitLab CI. */
export function gitlab({
  test,
  deploy,
  branch,
}: {
  test: TestJob
  deploy: DeployJob
  branch: string
}): Record<string, unknown> {
  return {
    stages: ['test', 'deploy'],
    test: {
      stage: 'test',
      image: `node:${test.node}`,
      ...services(test),
      script: test.lines.length > 0 ? test.lines : ['true'],
    },
    deploy: {
      stage: 'deploy',
      image: 'node:24',
      environment: { name: 'production' },
      // One after the other.
      resource_group: 'production',
      // The whole history, by which the server knows that it is the same repository.
      variables: { GIT_DEPTH: '0' },
      rules: [{ if: `$CI_COMMIT_BRANCH == "${branch}"`, when: 'manual' }],
      script: [...deploy.install, ...deploy.key, ...deploy.deploy],
    },
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
