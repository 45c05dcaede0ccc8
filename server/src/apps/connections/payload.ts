import { z } from 'zod'
import type { Provider } from './wire.ts'

/** What happened to a pull request, the same of every provider. */
export interface PullEvent {
  /** `up`: it is there with this commit; `down`: it is closed or merged. */
  action: 'up' | 'down'
  /** Into which it goes: `owner/name`. */
  repository: string
  number: number
  commit: string
  branch: string
  /** The branch that it goes into. */
  base: string
  /** It comes out of another repository. */
  fork: boolean
  /** Who did it, by their name at the provider. */
  who: string
  /** When it was changed, in milliseconds since 1970: events may arrive in another order. */
  at: number
}

type Read = Omit<PullEvent, 'action'> & { action: PullEvent['action'] | null }

const number = z.number().int().min(1).max(999_999_999)
const commit = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/)
const branch = z.string().min(1).max(300)
/** Letters of somebody's name that are safe wherever it is shown. */
const who = z
  .string()
  .transform(name => name.replaceAll(/[^\w.-]/g, '').slice(0, 40) || 'somebody')
  .default('somebody')
const moment = z.string().transform((text, context) => {
  const at = Date.parse(text)
  if (!Number.isNaN(at)) return at
  context.addIssue('no moment')
  return z.NEVER
})

const UP = new Set(['opened', 'reopened', 'synchronize', 'synchronized'])

/** GitHub's `pull_request`. Gitea and Forgejo send the same, and say `synchronized`. */
const pull = z
  .object({
    action: z.string(),
    number,
    pull_request: z.object({
      updated_at: moment,
      // null: the fork is gone.
      head: z.object({ ref: branch, sha: commit, repo: z.object({ id: z.number() }).nullish() }),
      base: z.object({ ref: branch, repo: z.object({ id: z.number(), full_name: z.string() }) }),
    }),
    sender: z.object({ login: who }),
  })
  .transform(({ action, number, pull_request: { updated_at, head, base }, sender }): Read => {
    return {
      action: UP.has(action) ? 'up' : action === 'closed' ? 'down' : null,
      ...{ repository: base.repo.full_name, number, commit: head.sha, branch: head.ref, base: base.ref },
      ...{ fork: head.repo?.id !== base.repo.id, who: sender.login, at: updated_at },
    }
  })

/** GitLab's `Merge Request Hook`. */
const merge = z
  .object({
    user: z.object({ username: who }),
    project: z.object({ path_with_namespace: z.string() }),
    object_attributes: z.object({
      iid: number,
      action: z.string().optional(),
      /** The commit before, where an update brought commits. */
      oldrev: z.string().optional(),
      updated_at: moment,
      source_branch: branch,
      target_branch: branch,
      source_project_id: z.number().nullable(),
      target_project_id: z.number(),
      last_commit: z.object({ id: commit }),
    }),
  })
  .transform(({ user, project, object_attributes: own }): Read => {
    const { action = '', oldrev } = own
    const up = action === 'open' || action === 'reopen' || (action === 'update' && oldrev !== undefined)
    return {
      action: up ? 'up' : action === 'close' || action === 'merge' ? 'down' : null,
      ...{ repository: project.path_with_namespace, number: own.iid, commit: own.last_commit.id },
      ...{ branch: own.source_branch, base: own.target_branch },
      ...{ fork: own.source_project_id !== own.target_project_id, who: user.username, at: own.updated_at },
    }
  })

/** What each provider calls the event, and the header in which it says so. */
const EVENTS = {
  github: { headers: ['x-github-event'], event: 'pull_request', reader: pull },
  gitea: { headers: ['x-gitea-event'], event: 'pull_request', reader: pull },
  forgejo: { headers: ['x-forgejo-event', 'x-gitea-event'], event: 'pull_request', reader: pull },
  gitlab: { headers: ['x-gitlab-event'], event: 'Merge Request Hook', reader: merge },
} as const

export type Headers = Readonly<Record<string, string | string[] | undefined>>

/** The first of these headers that is there. */
export function headerOf(headers: Headers, names: readonly string[]): string | null {
  const found = names.map(name => headers[name]).find(value => value !== undefined)
  return typeof found === 'string' ? found : null
}

/** `other`: nothing that concerns a preview; `unread`: a pull request in a form that is not known. */
export type Heard = { event: PullEvent } | { nothing: 'other' | 'unread' }

/** Reads what a provider sent. Its signature was verified before. */
export function readPull(provider: Provider, headers: Headers, body: string): Heard {
  const { headers: names, event, reader } = EVENTS[provider]
  if (headerOf(headers, names) !== event) return { nothing: 'other' }
  const found = reader.safeParse(parsed(body))
  if (!found.success) return { nothing: 'unread' }
  const { action, ...rest } = found.data
  return action === null ? { nothing: 'other' } : { event: { action, ...rest } }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return null
  }
}
