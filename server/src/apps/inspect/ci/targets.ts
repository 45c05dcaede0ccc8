import { PRODUCTION } from '../../../config/app-key.ts'
import type { AppConfig } from '../../../config/config.ts'
import { quoteShell } from '../../../kernel/quote.ts'

/** An environment that a branch comes to, and the job that brings it there. */
export interface Target {
  job: string
  environment: string
  branch: string
  /** Whether somebody lets it go. */
  approved: boolean
  /** What the environment serves is brought there, and not the source. */
  promoted: string | null
  /** The job that comes before it. */
  after: string
  /** Arguments of `inn`, one line after the other. `commit`: a word of a shell. */
  lines: (commit: string) => string[]
}

export interface Stage {
  name: string
  /** The app as it is there. */
  config: AppConfig
}

/** The environment that stands before production; null: there is none. */
export function stageOf(
  { protection }: Pick<AppConfig, 'protection'>,
  environments: readonly string[],
): string | null {
  const before = [...(protection?.from ?? []), 'staging']
  return before.find(name => name !== PRODUCTION && environments.includes(name)) ?? null
}

interface Wishes {
  /** As it is in production. */
  config: AppConfig
  stage: Stage | null
  /** The branch of production, where somebody says so. */
  branch: string | null
}

/** What is deployed where. Two environments of one branch follow each other; a stage that production takes its files from gets its branch. */
export function targetsOf({ config, stage, branch: said }: Wishes): Target[] {
  const { name, protection } = config
  const branch = said ?? branchOf(config) ?? 'main'
  const last = { environment: PRODUCTION, branch, approved: true }
  const status = `status ${quoteShell(name)}`
  const deploys = () => ['deploy --wait', status]
  if (stage === null) return [{ ...last, job: 'deploy', promoted: null, after: 'test', lines: deploys }]
  const promoted = protection?.from?.includes(stage.name) ?? false
  const first = {
    job: `deploy-${stage.name}`,
    environment: stage.name,
    branch: branchOf(stage.config) ?? (promoted ? branch : 'dev'),
    ...{ approved: false, promoted: null, after: 'test' },
    lines: () => [
      `deploy --wait --environment ${stage.name}`,
      `status ${quoteShell(`${name}@${stage.name}`)}`,
    ],
  }
  const same = first.branch === branch
  // Of another branch it is another commit, where the two were merged.
  const promotes = (commit: string) => [
    `promote ${stage.name} ${PRODUCTION} --app ${quoteShell(name)}${same ? ` --commit ${commit}` : ''} --wait --yes`,
    status,
  ]
  const production = {
    ...last,
    job: `deploy-${PRODUCTION}`,
    promoted: promoted ? stage.name : null,
    after: same ? first.job : 'test',
    lines: promoted ? promotes : deploys,
  }
  return [first, production]
}

/** The first branch that is named as a whole; null: any may come. */
const branchOf = ({ protection }: Pick<AppConfig, 'protection'>): string | null =>
  protection?.branches?.find(name => !name.endsWith('*')) ?? null

/** What would be refused each time. */
export function targetNotes(
  [first, last]: readonly Target[],
  { protection }: Pick<AppConfig, 'protection'>,
): string[] {
  const takes = protection?.branches
  if (last?.promoted == null || takes === undefined || takes.includes(first!.branch)) return []
  if (takes.some(name => name.endsWith('*'))) return []
  return [
    `${first!.environment} gets ${first!.branch}, and production takes nothing but what is of ${takes.join(', ')}: no promotion would be let through`,
  ]
}
