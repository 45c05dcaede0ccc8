import type { Comment, Write, Written } from '../../apps/connections/ports.ts'
import { jsonObject } from '../../kernel/json.ts'
import { goTo } from '../host/elsewhere.ts'
import { addressed, type HttpAnswer, request } from '../host/http.ts'

const TIMEOUT_MS = 15_000
const MOST_SAID = 300

/**
 * Writes comments by the API of GitHub, GitLab, Gitea and Forgejo. `guarded`: ports of this server that only the keeper
 * may ask: an admin of one app may name the address of an API.
 */
export const commenting =
  (guarded: ReadonlySet<number>): Write =>
  async comment => {
    try {
      const { method, path } = placeOf(comment)
      const answer = await send(comment, { method, path, guarded })
      // Somebody deleted it.
      if (comment.id !== null && (answer.status === 404 || answer.status === 410))
        return read(await send(comment, { ...placeOf({ ...comment, id: null }), guarded }))
      return read(answer, comment.id)
    } catch (error) {
      return { why: (error as Error).message, again: true }
    }
  }

interface Place {
  method: string
  path: string
}

/** Where a new comment goes, and where one is written anew. */
export function placeOf({ provider, name, number, id }: Comment): Place {
  if (provider === 'gitlab') {
    const notes = `/projects/${encodeURIComponent(name)}/merge_requests/${number}/notes`
    return id === null ? { method: 'POST', path: notes } : { method: 'PUT', path: `${notes}/${id}` }
  }
  const issues = `/repos/${name}/issues`
  return id === null
    ? { method: 'POST', path: `${issues}/${number}/comments` }
    : { method: 'PATCH', path: `${issues}/comments/${id}` }
}

const loginOf = ({ provider, token }: Comment): Record<string, string> => {
  const secret = token.reveal()
  if (provider === 'gitlab') return { 'private-token': secret }
  return { authorization: provider === 'github' ? `Bearer ${secret}` : `token ${secret}` }
}

function send(
  comment: Comment,
  { method, path, guarded }: Place & { guarded: ReadonlySet<number> },
): Promise<HttpAnswer> {
  const { host = '', tls = false, path: full, port = tls ? 443 : 80 } = addressed(`${comment.api}${path}`)
  return goTo({ host, port }, { timeoutMs: TIMEOUT_MS, guarded }, (address, timeoutMs) =>
    request({
      ...{ host: address, port, tls, servername: host, method, path: full, timeoutMs },
      headers: {
        ...{
          host: new URL(comment.api).host,
          'content-type': 'application/json',
          accept: 'application/json',
        },
        ...{ 'user-agent': 'innkeeper', ...loginOf(comment) },
      },
      body: JSON.stringify({ body: comment.text }),
    }),
  )
}

/** `known`: the id that it has already. */
function read({ status, body }: HttpAnswer, known: string | null = null): Written {
  const { id = known } = jsonObject(body) ?? {}
  if (status >= 200 && status < 300 && (typeof id === 'number' || typeof id === 'string'))
    return { id: String(id) }
  const why = `${status} ${body.replaceAll(/\s+/g, ' ').trim().slice(0, MOST_SAID)}`
  return { why, again: status === 429 || status === 408 || status >= 500 }
}
